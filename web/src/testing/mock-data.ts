/** Made-up people and contacts for the pretended server. */

const minute = 60_000;

export function ago(minutes: number): string {
  return new Date(Date.now() - minutes * minute).toISOString();
}

type Row = Record<string, unknown>;

const WORK_BASE: Row = {
  direction: "inbound",
  state: "active",
  queue_id: "q1",
  queue_name: "Service",
  subject: "",
  auto_accept: false,
  expires_at: null,
  ended_at: null,
  campaign_id: null,
  campaign_name: "",
  connected: false,
  held: false,
  muted: false,
  errand: "",
  call_state: "",
  recording: true,
  visitor_online: true,
  unread: 0,
  mails: 0,
  preview: "",
};

export function work(id: string, values: Row): Row {
  return {
    ...WORK_BASE,
    interaction_id: id,
    address: "",
    arrived_at: ago(3),
    offered_at: ago(2.9),
    accepted_at: ago(2.8),
    customer_id: "c1",
    customer_name: "",
    ticket_id: "t1",
    ticket_number: 1041,
    ...values,
  };
}

export const CODES = [
  ["sale", "Sale", "成交", "sales", "success"],
  ["appointment", "Appointment made", "已预约", "sales", "success"],
  ["callback", "Call back later", "稍后回拨", "sales", "callback"],
  ["not_interested", "Not interested", "无意向", "sales", "not_interested"],
  ["do_not_call", "Do not call again", "要求勿扰", "sales", "do_not_call"],
  ["wrong_number", "Wrong number", "号码有误", "sales", "wrong_number"],
  ["solved", "Solved", "已解决", "service", "success"],
  ["follow_up", "Needs follow-up", "需跟进", "service", "neutral"],
].map(([code, label_en, label_zh, group, meaning]) => ({
  code,
  label_en,
  label_zh,
  group,
  meaning,
}));

export const BREAKS = [
  ["lunch", "Lunch", "午餐"],
  ["coffee", "Coffee", "茶歇"],
  ["training", "Training", "培训"],
].map(([code, label_en, label_zh]) => ({
  code,
  label_en,
  label_zh,
  group: "break",
  meaning: "neutral",
}));

const CONTACT_BASE: Row = {
  attempt_id: null,
  queue_name: "Service",
  campaign_name: "",
  agent_name: "Ada Byron",
  note: "",
  ticket_id: "t1",
  ticket_number: 1041,
  recording_id: null,
};

export const CONTACTS: Row[] = [
  {
    ...CONTACT_BASE,
    interaction_id: "i9",
    medium: "voice",
    direction: "inbound",
    at: ago(60 * 26),
    outcome: "answered",
    disposition: "follow_up",
    note: "Kettle leaks at the handle. Promised a replacement within the week.",
    recording_id: "r1",
  },
  {
    ...CONTACT_BASE,
    interaction_id: "i8",
    medium: "email",
    direction: "inbound",
    at: ago(60 * 50),
    outcome: "answered",
    disposition: "solved",
    agent_name: "Robot Rita",
  },
  {
    ...CONTACT_BASE,
    interaction_id: null,
    attempt_id: "a7",
    medium: "voice",
    direction: "outbound",
    at: ago(60 * 74),
    outcome: "no_answer",
    disposition: "",
    agent_name: "",
    queue_name: "",
    campaign_name: "Winter offer",
  },
  {
    ...CONTACT_BASE,
    interaction_id: "i6",
    medium: "chat",
    direction: "inbound",
    at: ago(60 * 24 * 9),
    outcome: "abandoned",
    disposition: "",
    agent_name: "",
  },
];

const NAMES = ["Grace Hopper", "王小明", "Jean Bartik", "Mary Kenneth Keller", "李静", "Alan Kay"];

export const CUSTOMERS: Row[] = NAMES.map((name, index) => ({
  customer_id: `c${index + 1}`,
  name,
  organisation: index % 2 === 0 ? "Navy Yard Ltd" : "",
  note: index === 0 ? "Prefers to be called after 4 pm." : "",
  created_at: ago(60 * 24 * (index + 9)),
  addresses: [
    { kind: "phone", value: `+120255501${String(index).padStart(2, "0")}` },
    { kind: "email", value: `person${index + 1}@example.com` },
  ],
}));

const SUBJECTS = [
  "Kettle leaks",
  "Winter offer",
  "Question about delivery time",
  "发票抬头需要修改",
  "Refund for order 5521",
  "Chat about sizes",
];

export const TICKETS: Row[] = SUBJECTS.map((subject, index) => ({
  ticket_id: `t${index + 1}`,
  number: 1041 - index,
  customer_id: `c${(index % NAMES.length) + 1}`,
  customer_name: NAMES[index % NAMES.length],
  subject,
  state: ["open", "pending", "open", "solved", "closed", "open"][index],
  priority: ["normal", "low", "high", "normal", "normal", "urgent"][index],
  owner_id: index % 2 === 0 ? "u1" : null,
  campaign_id: index === 1 ? "k1" : null,
  opened_at: ago(60 * (index * 11 + 26)),
  touched_at: ago(60 * index * 7 + 3),
}));

const MAIL_TEXTS: Row[] = [
  {
    mail_id: "m1",
    direction: "inbound",
    from: { name: "Jean Bartik", address: "person3@example.com" },
    to: [{ name: "Example Shop", address: "shop@example.org" }],
    cc: [],
    subject: "Question about delivery time",
    at: ago(60 * 5),
    html: "",
    text: "Hello,\n\nI ordered a kettle on Monday. When will it be delivered?\n\nJean",
    attachments: [],
    state: "received",
  },
  {
    mail_id: "m2",
    direction: "outbound",
    from: { name: "Example Shop", address: "shop@example.org" },
    to: [{ name: "Jean Bartik", address: "person3@example.com" }],
    cc: [],
    subject: "Re: Question about delivery time",
    at: ago(60 * 4),
    html: "",
    text: "Dear Jean,\n\nyour kettle leaves our warehouse today.\n\nAda",
    attachments: [],
    state: "sent",
  },
  {
    mail_id: "m3",
    direction: "inbound",
    from: { name: "Jean Bartik", address: "person3@example.com" },
    to: [{ name: "Example Shop", address: "shop@example.org" }],
    cc: [{ name: "", address: "office@example.com" }],
    subject: "Re: Question about delivery time",
    at: ago(14),
    html:
      "<p>Thank you! One more thing: can I have the <b>invoice</b> with our new address?</p>" +
      "<p>See the attached form.</p><blockquote>your kettle leaves our warehouse today.</blockquote>" +
      '<p>Jean Bartik<br><a href="https://example.com">Navy Yard Ltd</a></p>',
    text: "Thank you! One more thing: can I have the invoice with our new address?",
    attachments: [
      {
        attachment_id: "f1",
        file_name: "new-address.pdf",
        media_type: "application/pdf",
        size_bytes: 48_213,
        inline: false,
      },
    ],
    state: "received",
  },
];

export const MAILS: Row[] = MAIL_TEXTS.map((mail) => ({
  ...mail,
  kind: "person",
  own_text: mail["text"],
  reply_to: [],
  blocked_images: 0,
  reason: "",
  sent_at: mail["at"],
  agent_id: null,
  interaction_id: "w-mail",
}));
