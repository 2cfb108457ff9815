/** The report of a campaign, and where its files are. */
import { useQuery } from "@tanstack/react-query";
import type { components } from "@/generated/api";
import { api, data } from "@/lib/api";
import type { Range } from "../report-range";

type Schemas = components["schemas"];
export type CampaignReport = Schemas["CampaignReport"];
export type Part = "totals" | "outcomes" | "intervals" | "agents" | "dispositions" | "attempts";

export function useCampaigns() {
  return useQuery({ queryKey: ["campaigns"], queryFn: () => data(api.GET("/api/campaigns")) });
}

export function useCampaignReport(campaignId: string | null, range: Range) {
  return useQuery({
    queryKey: ["reports", "campaigns", campaignId, range.from, range.to],
    queryFn: () =>
      data(
        api.GET("/api/reports/campaigns/{campaign_id}", {
          params: {
            path: { campaign_id: campaignId ?? "" },
            query: { from: range.from, to: range.to },
          },
        }),
      ),
    enabled: campaignId !== null,
    placeholderData: (before) => before,
  });
}

interface FileOptions {
  campaignId: string;
  range: Range;
  language: string;
}

function fileQuery({ range, language }: FileOptions): URLSearchParams {
  return new URLSearchParams({
    from: range.from,
    to: range.to,
    language: language.startsWith("zh") ? "zh-CN" : "en",
  });
}

export function excelUrl(options: FileOptions): string {
  const id = encodeURIComponent(options.campaignId);
  return `/api/reports/campaigns/${id}.xlsx?${fileQuery(options).toString()}`;
}

export function csvUrl(options: FileOptions, part: Part): string {
  const id = encodeURIComponent(options.campaignId);
  const query = fileQuery(options);
  query.set("part", part);
  return `/api/reports/campaigns/${id}.csv?${query.toString()}`;
}
