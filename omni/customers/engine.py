"""How a customer is recognised and what may be said of one. Pure."""

from omni.core.errors import Invalid
from omni.core.terms import Medium
from omni.customers.model import Address, AddressKind, Customer, CustomerChanges

NAME_MAX = 200
NOTE_MAX = 10_000
ADDRESS_MAX = 320  # the longest mail address: 64 + 1 + 255
ADDRESSES_MAX = 50

_KIND = {
    Medium.VOICE: AddressKind.PHONE,
    Medium.EMAIL: AddressKind.EMAIL,
    Medium.CHAT: AddressKind.VISITOR,
}


def normal(kind: AddressKind, value: str) -> Address:
    """Return the one form of an address under which it is stored and looked up."""
    value = value.replace("\0", "").strip()[:ADDRESS_MAX]
    return Address(kind, value.lower() if kind is AddressKind.EMAIL else value)


def recognisable(medium: Medium, address: str) -> Address | None:
    """Return what identifies the customer behind a contact, None when it was withheld."""
    found = normal(_KIND[medium], address)
    return found if found.value else None


def presentable(name: str) -> str:
    """Return a name fit for storing: no control characters, not endless."""
    return "".join(sign for sign in name if sign.isprintable()).strip()[:NAME_MAX]


def apply(customer: Customer, changes: CustomerChanges) -> Customer:
    """Return the customer with the changes.

    Raises:
        Invalid: `customer.too_long`, `customer.address_empty` or `customer.too_many_addresses`.
    """
    limits = ((changes.name, NAME_MAX), (changes.organisation, NAME_MAX), (changes.note, NOTE_MAX))
    if any(text is not None and len(text) > limit for text, limit in limits):
        raise Invalid("customer.too_long", "A text is too long.")
    addresses = customer.addresses
    if changes.addresses is not None:
        addresses = tuple(dict.fromkeys(normal(a.kind, a.value) for a in changes.addresses))
        if any(not address.value for address in addresses):
            raise Invalid("customer.address_empty", "An address is empty.")
        if len(addresses) > ADDRESSES_MAX:
            raise Invalid("customer.too_many_addresses", max=ADDRESSES_MAX)
    return Customer(
        customer_id=customer.customer_id,
        name=customer.name if changes.name is None else presentable(changes.name),
        organisation=(
            customer.organisation
            if changes.organisation is None
            else presentable(changes.organisation)
        ),
        note=customer.note if changes.note is None else changes.note.replace("\0", ""),
        created_at=customer.created_at,
        addresses=addresses,
    )
