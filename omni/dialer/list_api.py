"""The dialer's API for lists: an uploaded file, its mapping, its import."""

from omni.core.endpoint import Call, Download, Endpoint, Upload
from omni.core.ids import CampaignId
from omni.core.terms import Role
from omni.dialer import list_wire as wire
from omni.dialer.columns import ColumnMapping, NumberColumn
from omni.dialer.imports import Imports
from omni.dialer.listfile import Preview
from omni.dialer.model import ListImport

MANAGERS = frozenset({Role.MANAGER, Role.ADMIN})
VIEWERS = frozenset({Role.SUPERVISOR, Role.MANAGER, Role.ADMIN})
CSV = "text/csv; charset=utf-8"


def _id(call: Call) -> CampaignId:
    return CampaignId(call.path["campaign_id"])


def endpoints(imports: Imports) -> list[Endpoint]:
    """Return the rows of lists."""

    async def preview(call: Call) -> wire.PreviewOut:
        return preview_out(await imports.preview(_id(call), call.body))

    async def begin(call: Call) -> wire.ImportStarted:
        body: wire.ImportNew = call.body
        mapping = mapping_in(body.mapping)
        item = await imports.begin(_id(call), body.upload_id, mapping, body.default_region)
        return wire.ImportStarted(import_id=item.import_id)

    async def listing(call: Call) -> list[wire.ImportOut]:
        return [import_out(item) for item in await imports.of_campaign(_id(call))]

    async def rejected(call: Call) -> Download:
        file_name, chunks = await imports.rejected(call.path["import_id"])
        return Download(file_name, CSV, chunks)

    of_one = "/api/campaigns/{campaign_id}"
    return [
        Endpoint(
            "POST",
            f"{of_one}/lists/preview",
            "Upload a list and see what it holds",
            preview,
            MANAGERS,
            body=Upload,
            result=wire.PreviewOut,
        ),
        Endpoint(
            "POST",
            f"{of_one}/lists",
            "Import an uploaded list",
            begin,
            MANAGERS,
            body=wire.ImportNew,
            result=wire.ImportStarted,
        ),
        Endpoint(
            "GET",
            f"{of_one}/imports",
            "List a campaign's imports",
            listing,
            VIEWERS,
            result=list[wire.ImportOut],
        ),
        Endpoint(
            "GET",
            "/api/imports/{import_id}/rejected",
            "Download an import's rejected rows",
            rejected,
            VIEWERS,
            result=Download,
        ),
    ]


def mapping_in(body: wire.Mapping) -> ColumnMapping:
    """Return a mapping from the wire."""
    return ColumnMapping(
        number=body.number,
        number_kind=body.number_kind,
        other_numbers=tuple(NumberColumn(each.column, each.kind) for each in body.other_numbers),
        name=body.name,
        external_id=body.external_id,
        time_zone=body.time_zone,
        consent_at=body.consent_at,
        consent_source=body.consent_source,
        extra=dict(body.extra),
    )


def import_out(item: ListImport) -> wire.ImportOut:
    """Return an import for the wire."""
    return wire.ImportOut(
        import_id=item.import_id,
        campaign_id=item.campaign_id,
        file_name=item.file_name,
        state=item.state,
        rows_read=item.rows_read,
        imported=item.imported,
        duplicates=item.duplicates,
        rejected=item.rejected,
        incomplete=item.incomplete,
        reason=item.reason,
        started_at=item.started_at,
        finished_at=item.finished_at,
    )


def preview_out(preview: Preview) -> wire.PreviewOut:
    """Return what an uploaded file seems to be, for the wire."""
    return wire.PreviewOut(
        upload_id=preview.upload_id,
        file_name=preview.file_name,
        size_bytes=preview.size_bytes,
        encoding=preview.encoding,
        delimiter=preview.delimiter,
        has_header=preview.has_header,
        columns=[
            wire.PreviewColumn(index=index, name=name) for index, name in enumerate(preview.columns)
        ],
        sample_rows=[list(row) for row in preview.sample_rows],
        suggested_mapping=dict(preview.suggested),
        suggested_numbers=[
            wire.NumberColumnBody(column=column, kind=kind) for column, kind in preview.numbers
        ],
    )
