/** Whom an answer goes to. Pure. */
import type { WorkRow } from "@/lib/types";
import type { Mail, MailAddress } from "../api/mails";

export interface Recipients {
  to: string[];
  cc: string[];
}

/**
 * Return whom the server will answer when nothing is said, as well as the page can know it: the
 * customer's last mail's reply-to or sender, with those who got a copy.
 */
export function usualRecipients(work: WorkRow, mails: readonly Mail[]): Recipients {
  const last = mails.findLast((mail) => mail.direction === "inbound");
  if (!last) return { to: work.address ? [work.address] : [], cc: [] };
  const plain = (all: readonly MailAddress[]) => all.map(({ address }) => address);
  return {
    to: last.reply_to.length > 0 ? plain(last.reply_to) : [last.from.address],
    cc: plain(last.cc),
  };
}
