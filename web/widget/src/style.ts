/** The look, in a constructed style sheet: allowed under any Content-Security-Policy. */
export const STYLE = `
:host { all: initial; --accent: #1d4ed8; --ink: #16202e; --soft: #f1f4f8; --line: #d8dee7; --faint: #566173; --paper: #fff; --own-ink: #fff;
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", sans-serif; }
* { box-sizing: border-box; font: inherit; }
[hidden] { display: none !important; }
.launch, .panel { position: fixed; right: 20px; bottom: 20px; z-index: 2147483000; }
:host([data-position=left]) :is(.launch, .panel) { right: auto; left: 20px; }
.launch { display: flex; align-items: center; gap: 8px; min-height: 52px; padding: 0 20px 0 16px; border: 0; border-radius: 26px; cursor: pointer;
  color: var(--own-ink); background: var(--accent); box-shadow: 0 6px 20px #0003; font-weight: 600; transition: transform .15s; }
.launch:hover { transform: translateY(-1px); }
.launch svg { width: 24px; height: 24px; fill: currentColor; }
.badge { min-width: 22px; padding: 0 6px; border-radius: 11px; background: #c01048; color: #fff; font-size: 13px; text-align: center; }
.panel { display: flex; flex-direction: column; width: 372px; height: min(600px, calc(100vh - 40px)); overflow: hidden;
  border: 1px solid var(--line); border-radius: 16px; background: var(--paper); color: var(--ink); box-shadow: 0 12px 40px #0003; animation: rise .18s ease-out; }
@keyframes rise { from { opacity: 0; transform: translateY(12px); } }
header { display: flex; align-items: center; gap: 8px; padding: 14px 10px 14px 18px; background: var(--accent); color: var(--own-ink); }
header div { flex: 1; min-width: 0; }
h2 { margin: 0; font-size: 16px; font-weight: 650; }
.status { margin: 0; font-size: 13px; opacity: .92; }
button { cursor: pointer; }
.icon { display: grid; place-items: center; width: 40px; height: 40px; border: 0; border-radius: 10px; background: none; color: inherit; }
.icon:hover { background: #fff2; }
.icon svg { width: 20px; height: 20px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; }
.banner { margin: 0; padding: 8px 18px; background: #fff4d6; color: #5a3d00; font-size: 13px; }
.log { flex: 1; overflow-y: auto; overscroll-behavior: contain; padding: 16px 16px 4px; }
.log > ol { display: flex; flex-direction: column; gap: 4px; margin: 0; padding: 0; list-style: none; }
li { max-width: 84%; align-self: flex-start; }
li.own { align-self: flex-end; text-align: end; }
li.system { align-self: center; color: var(--faint); font-size: 13px; text-align: center; }
.who { display: block; margin: 8px 4px 2px; color: var(--faint); font-size: 12px; }
.text { display: inline-block; padding: 8px 13px; border-radius: 16px; border-end-start-radius: 5px; background: var(--soft); white-space: pre-wrap; overflow-wrap: anywhere; text-align: start; }
.own .text { border-radius: 16px; border-end-end-radius: 5px; background: var(--accent); color: var(--own-ink); }
.system .text { background: none; padding: 4px; }
.own.sending .text { opacity: .65; }
.own.failed .text { background: #b42318; color: #fff; }
.text a { color: inherit; }
.state { display: block; margin: 1px 4px; color: var(--faint); font-size: 12px; }
.note { margin: 8px 0; color: var(--faint); font-size: 13px; text-align: center; }
.details { display: grid; gap: 8px; padding: 10px 16px; border-top: 1px solid var(--line); }
.details input, textarea { width: 100%; padding: 9px 12px; border: 1px solid var(--line); border-radius: 10px; background: var(--paper); color: inherit; }
.topics { display: flex; flex-wrap: wrap; gap: 8px; padding: 10px 16px; }
.topics button { padding: 7px 14px; border: 1px solid var(--accent); border-radius: 18px; background: var(--paper); color: var(--accent); }
.topics button[aria-pressed=true] { background: var(--accent); color: var(--own-ink); }
.plain { justify-self: end; padding: 7px 16px; border: 1px solid var(--line); border-radius: 10px; background: var(--soft); color: inherit; }
.write { display: flex; align-items: flex-end; gap: 8px; padding: 10px 12px; border-top: 1px solid var(--line); }
textarea { flex: 1; max-height: 130px; resize: none; }
.send { flex: none; width: 44px; height: 44px; border: 0; border-radius: 12px; background: var(--accent); color: var(--own-ink); display: grid; place-items: center; }
.send:disabled { opacity: .45; cursor: default; }
.send svg { width: 20px; height: 20px; fill: currentColor; }
:focus-visible { outline: 3px solid #f59e0b; outline-offset: 2px; }
:is(textarea, input):focus-visible { outline: 2px solid var(--accent); outline-offset: -1px; }
li:not(.own) + li.own { margin-top: 6px; }
.hush { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 480px) { .panel { inset: 0 !important; width: auto; height: 100dvh; border: 0; border-radius: 0; } }
@media (prefers-reduced-motion: reduce) { .panel, .launch { animation: none; transition: none; } }
`;
