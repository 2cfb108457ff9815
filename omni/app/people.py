"""Names of users, for packages that keep only their ids."""

from collections.abc import Collection, Mapping

from omni.app.auth_store import UserAccount


class AccountNames:
    """`omni.dialer.ports.People` over the accounts."""

    async def names(self, user_ids: Collection[str]) -> Mapping[str, str]:
        found = await UserAccount.filter(id__in=list(user_ids)).values_list("id", "name")
        return {str(user_id): str(name) for user_id, name in found}
