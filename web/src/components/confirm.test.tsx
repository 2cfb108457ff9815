import { Button } from "@mantine/core";
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { renderApp } from "@/testing/render";
import { Confirm } from "./confirm";

function shown(onConfirm: () => void, onRow: () => void) {
  renderApp(
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions
    <div onClick={onRow}>
      <Confirm text="All of it?" action="Throw away" onConfirm={onConfirm}>
        {(ask) => (
          <Button
            onClick={(event) => {
              event.stopPropagation();
              ask();
            }}
          >
            Remove
          </Button>
        )}
      </Confirm>
    </div>,
  );
}

describe("Confirm", () => {
  it("does nothing before the second click, and nothing to the row around", async () => {
    const [confirmed, row] = [vi.fn(), vi.fn()];
    shown(confirmed, row);
    await userEvent.click(screen.getByRole("button", { name: "Remove" }));
    await screen.findByText("All of it?");
    expect(confirmed).not.toHaveBeenCalled();
    await userEvent.click(screen.getByRole("button", { name: "Throw away" }));
    expect(confirmed).toHaveBeenCalledTimes(1);
    expect(row).not.toHaveBeenCalled();
  });

  it("is left by Cancel, which is where the focus starts", async () => {
    const confirmed = vi.fn();
    shown(confirmed, vi.fn());
    await userEvent.click(screen.getByRole("button", { name: "Remove" }));
    const cancel = await screen.findByRole("button", { name: "Cancel" });
    await waitFor(() => expect(cancel).toHaveFocus());
    await userEvent.keyboard("{Enter}");
    await waitFor(() => expect(screen.queryByText("All of it?")).toBeNull());
    expect(confirmed).not.toHaveBeenCalled();
  });
});
