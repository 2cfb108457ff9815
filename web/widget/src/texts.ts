/** Every string a visitor sees. */

const en = {
  open: "Chat with us",
  close: "Close chat",
  title: "Chat with us",
  greeting: "Hello! How can we help?",
  topics: "What is it about?",
  placeholder: "Write a message…",
  send: "Send",
  log: "Conversation",
  you: "You",
  agent: "Agent",
  connecting: "Connecting…",
  offline: "No connection. We keep trying; what you write is kept.",
  opening: "Looking for someone to help…",
  waiting: (place: number) =>
    place === 1 ? "You are next in line." : `You are number ${place} in line.`,
  joined: (name: string) => `${name} is with you.`,
  typing: (name: string) => `${name} is writing…`,
  ended: "The conversation has ended. Write to start a new one.",
  refused: "Nobody is here right now. Your message is kept as a request: leave an address for the answer.",
  closed: "We are closed right now. Write anyway: we keep your message and answer by e-mail.",
  unknownSite: "This chat is not set up yet.",
  end: "End conversation",
  name: "Your name",
  email: "Your e-mail",
  save: "Save",
  saved: "Thank you, we have noted it.",
  sending: "sending",
  sent: "sent",
  read: "read",
  failed: "not sent",
  tooLong: "This is too long; please split it.",
  unread: (count: number) => `${count} new`,
};

export type Texts = typeof en;

const zh: Texts = {
  open: "在线咨询",
  close: "关闭对话",
  title: "在线咨询",
  greeting: "您好！请问有什么可以帮您？",
  topics: "您想咨询什么？",
  placeholder: "请输入消息…",
  send: "发送",
  log: "对话内容",
  you: "您",
  agent: "客服",
  connecting: "正在连接…",
  offline: "网络已断开，正在重试；您写的内容不会丢失。",
  opening: "正在为您安排客服…",
  waiting: (place) => (place === 1 ? "您排在第一位。" : `您前面还有 ${place - 1} 位。`),
  joined: (name) => `${name} 正在为您服务。`,
  typing: (name) => `${name} 正在输入…`,
  ended: "对话已结束。继续输入即可开始新的对话。",
  refused: "现在没有客服在线。您的留言已保存，请留下联系方式以便我们回复。",
  closed: "现在是非服务时间。您可以留言，我们会通过邮件回复。",
  unknownSite: "在线咨询尚未开通。",
  end: "结束对话",
  name: "您的称呼",
  email: "您的邮箱",
  save: "保存",
  saved: "谢谢，已经记下。",
  sending: "发送中",
  sent: "已发送",
  read: "已读",
  failed: "未发送",
  tooLong: "内容太长，请分几次发送。",
  unread: (count) => `${count} 条新消息`,
};

/** Return the texts for a BCP 47 tag: Chinese for any Chinese, else English. */
export function textsFor(language: string): Texts {
  return /^zh\b/i.test(language) ? zh : en;
}
