import { fireEvent, screen } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { fakeServer } from "@/testing/fake-server";
import { renderApp } from "@/testing/render";
import { CampaignForm } from "./campaign-form";

afterEach(() => vi.unstubAllGlobals());

describe("the fields of a campaign's form", () => {
  it("take a number as people write it, refuse what is none, and a name of blanks", () => {
    fakeServer({
      "GET /api/queues": [],
      "GET /api/trunks": [],
      "GET /api/rule-profiles": [],
      "GET /api/holidays": [],
      "GET /api/announcements": [],
      "GET /api/skills": [],
    });
    renderApp(<CampaignForm campaign={null} onSaved={() => undefined} />);
    const number = screen.getByLabelText<HTMLInputElement>("Number shown");
    fireEvent.change(number, { target: { value: "+49 (30) 123-456" } });
    expect(number.validity.valid).toBe(true);
    fireEvent.change(number, { target: { value: "" } });
    expect(number.validity.valid).toBe(true);
    fireEvent.change(number, { target: { value: "hello" } });
    expect(number.validity.patternMismatch).toBe(true);
    const name = screen.getByLabelText<HTMLInputElement>(/^Name/);
    fireEvent.change(name, { target: { value: "   " } });
    expect(name.validity.patternMismatch).toBe(true);
  });
});
