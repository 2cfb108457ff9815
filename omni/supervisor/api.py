"""The supervisor's part of the API: campaign reports, on the page and as files."""

from omni.core.endpoint import Call, Download, Endpoint
from omni.core.ids import CampaignId
from omni.core.terms import STAFF
from omni.supervisor.report import CampaignReport, CsvQuery, ReportQuery
from omni.supervisor.service import Reports

REPORT = "/api/reports/campaigns/{campaign_id}"


def endpoints(reports: Reports) -> list[Endpoint]:
    """Return the supervisor's endpoints."""

    def campaign_id(call: Call) -> CampaignId:
        return CampaignId(call.path["campaign_id"])

    async def campaign(call: Call) -> CampaignReport:
        return await reports.campaign(campaign_id(call), call.query)

    async def csv(call: Call) -> Download:
        return await reports.csv(campaign_id(call), call.query)

    async def xlsx(call: Call) -> Download:
        return await reports.xlsx(campaign_id(call), call.query)

    return [
        Endpoint(
            "GET",
            f"{REPORT}.csv",
            "Download one table of a campaign's report as CSV",
            csv,
            STAFF,
            query=CsvQuery,
            result=Download,
        ),
        Endpoint(
            "GET",
            f"{REPORT}.xlsx",
            "Download a campaign's report as an Excel workbook",
            xlsx,
            STAFF,
            query=ReportQuery,
            result=Download,
        ),
        Endpoint(
            "GET",
            REPORT,
            "Report on a campaign",
            campaign,
            STAFF,
            query=ReportQuery,
            result=CampaignReport,
        ),
    ]
