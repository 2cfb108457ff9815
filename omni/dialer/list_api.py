"""The dialer's API for lists: an uploaded file, its mapping, its import."""

from omni.core.endpoint import Call, Download, Endpoint, Upload
from omni.core.ids import CampaignId
from omni.core.terms import MANAGERS, STAFF
from omni.dialer import list_wire as wire
from omni.dialer.imports import Imports
from omni.dialer.list_model import ColumnMapping, ListImport, NumberColumn, SavedMapping
from omni.dialer.listfile import Preview
from omni.dialer.mappings import Mappings

CSV = "text/csv; charset=utf-8"


def _id(call: Call) -> CampaignId:
    return CampaignId(call.path["campaign_id"])


def endpoints(imports: Imports, mappings: Mappings) -> list[Endpoint]:
    """Return the rows of lists."""
    return [*_import_rows(imports, mappings), *_mapping_rows(mappings)]


def _mapping_rows(mappings: Mappings) -> list[Endpoint]:
    async def listing(_: Call) -> list[wire.SavedMappingOut]:
        return [saved_out(each) for each in await mappings.all()]

    async def save(call: Call) -> wire.SavedMappingOut:
        body: wire.SavedMappingNew = call.body
        mapping = mapping_in(body.mapping)
        return saved_out(await mappings.save(body.name, mapping, body.default_region, body.mode))

    async def remove(call: Call) -> None:
        await mappings.remove(call.path["mapping_id"])

    at = "/api/list-mappings"
    return [
        Endpoint(
            "GET",
            at,
            "List the saved mappings of lists",
            listing,
            MANAGERS,
            result=list[wire.SavedMappingOut],
        ),
        Endpoint(
            "PUT",
            at,
            "Keep a mapping of a list's columns by name",
            save,
            MANAGERS,
            body=wire.SavedMappingNew,
            result=wire.SavedMappingOut,
        ),
        Endpoint("DELETE", f"{at}/{{mapping_id}}", "Keep a mapping no more", remove, MANAGERS),
    ]


def _import_rows(imports: Imports, mappings: Mappings) -> list[Endpoint]:

    async def preview(call: Call) -> wire.PreviewOut:
        found = await imports.preview(_id(call), call.body)
        return preview_out(found, await mappings.fitting(found.columns))

    async def begin(call: Call) -> wire.ImportStarted:
        body: wire.ImportNew = call.body
        mapping = mapping_in(body.mapping)
        item = await imports.begin(
            _id(call), body.upload_id, mapping, body.default_region, body.mode
        )
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
            STAFF,
            result=list[wire.ImportOut],
        ),
        Endpoint(
            "GET",
            "/api/imports/{import_id}/rejected",
            "Download an import's rejected rows",
            rejected,
            STAFF,
            result=Download,
        ),
    ]


def saved_out(saved: SavedMapping) -> wire.SavedMappingOut:
    """Return a saved mapping for the wire."""
    mapping = saved.mapping
    return wire.SavedMappingOut(
        mapping_id=saved.mapping_id,
        name=saved.name,
        mapping=wire.Mapping(
            number=mapping.number,
            number_kind=mapping.number_kind,
            other_numbers=[
                wire.NumberColumnBody(column=each.column, kind=each.kind)
                for each in mapping.other_numbers
            ],
            name=mapping.name,
            external_id=mapping.external_id,
            time_zone=mapping.time_zone,
            consent_at=mapping.consent_at,
            consent_source=mapping.consent_source,
            extra=dict(mapping.extra),
        ),
        default_region=saved.region,
        mode=saved.mode,
        saved_at=saved.saved_at,
    )


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
        mode=item.mode,
        reason=item.reason,
        started_at=item.started_at,
        finished_at=item.finished_at,
    )


def preview_out(preview: Preview, fitting: list[SavedMapping]) -> wire.PreviewOut:
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
        fitting=[saved_out(each) for each in fitting],
        suggested_numbers=[
            wire.NumberColumnBody(column=column, kind=kind) for column, kind in preview.numbers
        ],
    )
