import { describe, expect, it } from "vitest";
import type { Campaign } from "./api/campaigns";
import { bodyOf, draftOf, isBackwards } from "./campaign-form";
import { commandsFor } from "./campaign-state";
import type { SavedMapping } from "./api/lists";
import { chosenBy, mappingOf, suggested } from "./import-wizard";
import { changed, DEFAULT_RETRIES } from "./retry-rules";

const campaign: Campaign = {
  campaign_id: "c1",
  name: "Spring",
  queue_id: "q1",
  needs: [{ name: "german", level: 3, preferred: false }],
  mode: "predictive",
  state: "draft",
  drop_limit_pct: 2,
  profile: "UK-2017",
  profile_version: 1,
  trunk_id: null,
  caller_id: "",
  ring_s: 30,
  lines_per_agent: 1.5,
  max_lines_per_agent: 8,
  max_attempts: 4,
  retries: [],
  number_order: [],
  max_attempts_number: 0,
  next_number_s: 60,
  hours: [
    { weekdays: [1, 2], start: "10:00", end: "18:00" },
    { weekdays: [6], start: "10:00", end: "12:00" },
  ],
  default_region: "GB",
  holiday_region: "",
  consent_required: false,
  callback_wait_min: 15,
  weight: 1,
  preview_s: 60,
  preview_then: "skip",
  message: "",
  drop_message: "",
  connect_key: false,
  forbid_key: true,
  calls_per_second: 1,
  max_lines: 10,
  answer_detection: false,
  on_machine: "hang_up",
  detection_off: "",
  created_at: "2026-11-21T09:00:00Z",
  started_at: null,
  contacts: 0,
  open: 0,
  done: 0,
};

describe("the form of a campaign", () => {
  it("sends nothing while the name or the queue is missing", () => {
    expect(bodyOf(draftOf(null), null)).toBeNull();
    expect(bodyOf({ ...draftOf(null), name: " x " }, null)).toBeNull();
    expect(bodyOf({ ...draftOf(null), name: " x ", queue_id: "q" }, null)?.name).toBe("x");
  });

  it("returns what it was given, with hours it does not show", () => {
    const body = bodyOf(draftOf(campaign), campaign);
    expect(body).toMatchObject({ name: "Spring", drop_limit_pct: 2, profile: "UK-2017" });
    expect(body?.hours).toEqual(campaign.hours);
    expect(bodyOf({ ...draftOf(campaign), weekdays: [] }, campaign)?.hours).toEqual([
      campaign.hours[1],
    ]);
  });

  it("offers the commands that fit the state", () => {
    expect(commandsFor("draft")).toEqual(["start"]);
    expect(commandsFor("running")).toEqual(["pause", "drain", "stop"]);
    expect(commandsFor("paused")).toEqual(["start", "stop"]);
    expect(commandsFor("draining")).toEqual(["start", "stop"]);
  });
});

describe("the mapping of an import", () => {
  const preview = {
    upload_id: "u",
    file_name: "list.csv",
    size_bytes: 10,
    encoding: "utf-8",
    delimiter: ",",
    has_header: true,
    columns: [
      { index: 0, name: "Phone" },
      { index: 1, name: "Who" },
      { index: 2, name: "City" },
    ],
    sample_rows: [["1", "Ann", "Bonn"]],
    fitting: [],
    suggested_mapping: { number: "Phone", name: "Who" },
    suggested_numbers: [{ column: "Phone", kind: "mobile" as const }],
  };

  it("begins with what the server suggests and keeps the other columns", () => {
    const chosen = suggested(preview);
    expect(mappingOf(preview, chosen)).toEqual({
      number: "Phone",
      number_kind: "mobile",
      other_numbers: [],
      name: "Who",
      external_id: null,
      time_zone: null,
      consent_at: null,
      consent_source: null,
      extra: { City: "City" },
    });
  });

  it("begins with a kept mapping that fits", () => {
    const saved = {
      mapping_id: "m",
      name: "CRM",
      mapping: {
        number: "City",
        number_kind: "work" as const,
        other_numbers: [{ column: "Phone", kind: "home" as const }],
        name: "Who",
      },
      default_region: "DE",
      mode: "merge" as const,
      saved_at: "2026-11-22T06:00:00Z",
    };
    expect(mappingOf(preview, chosenBy(saved as SavedMapping))).toMatchObject({
      number: "City",
      number_kind: "work",
      other_numbers: [{ column: "Phone", kind: "home" }],
      name: "Who",
      external_id: null,
      extra: {},
    });
  });

  it("needs a column with the number", () => {
    expect(mappingOf(preview, { ...suggested(preview), numbers: [] })).toBeNull();
  });

  it("takes numbers from several columns, in order", () => {
    const numbers = [
      { column: "", kind: "other" as const },
      { column: "City", kind: "home" as const },
      { column: "Phone", kind: "mobile" as const },
    ];
    expect(mappingOf(preview, { ...suggested(preview), numbers })).toMatchObject({
      number: "City",
      number_kind: "home",
      other_numbers: [{ column: "Phone", kind: "mobile" }],
      extra: {},
    });
  });
});

describe("the retry rules", () => {
  it("have no rule for an outcome without attempts", () => {
    const [first] = DEFAULT_RETRIES;
    expect(changed(DEFAULT_RETRIES, "busy", { attempts: 0 })).not.toContain(first);
    expect(changed([], "busy", { attempts: 2 })).toEqual([
      { outcome: "busy", delay_s: 3600, attempts: 2, next_number: false },
    ]);
  });
});

describe("calling hours", () => {
  const draft = { ...draftOf(campaign), weekdays: [1], start: "09:00" };

  it("are not sent when they end before they begin: nobody would ever be dialled", () => {
    expect(isBackwards({ ...draft, end: "09:00" })).toBe(true);
    expect(bodyOf({ ...draft, end: "08:00" }, campaign)).toBeNull();
    expect(isBackwards({ ...draft, weekdays: [], end: "08:00" })).toBe(false);
  });

  it("may end at midnight, which the field and the server write differently", () => {
    const sent = bodyOf({ ...draft, end: "00:00" }, campaign);
    expect(sent?.hours?.[0]?.end).toBe("24:00");
    const back = { ...campaign, hours: [{ weekdays: [1], start: "09:00", end: "24:00" }] };
    expect(draftOf(back).end).toBe("00:00");
  });
});

it("a number shown is sent without what makes it readable", () => {
  expect(bodyOf({ ...draftOf(campaign), caller_id: "+49 (30) 123-456" }, campaign)?.caller_id).toBe(
    "+4930123456",
  );
});
