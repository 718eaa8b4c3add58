/** The look of the page: system fonts, two colour schemes, one column on a phone, and paper. */
export const STYLE = `
:root { color-scheme: light dark; --bg: #ffffff; --fg: #1b1f24; --dim: #57606a; --line: #c9d1d9; --box: #f6f8fa; --bad: #b31d28; --warn: #7a4b00; --good: #116329; --link: #0550ae; }
@media (prefers-color-scheme: dark) { :root { --bg: #0d1117; --fg: #e6edf3; --dim: #9da7b3; --line: #3d444d; --box: #161b22; --bad: #ff8f87; --warn: #e3b341; --good: #6fdd8b; --link: #7cc0ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 68rem; padding: 1.5rem 1rem 3rem; background: var(--bg); color: var(--fg); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; line-height: 1.35; margin: .25rem 0 .5rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .75rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 0 0 .5rem; }
p { margin: .25rem 0; }
a { color: var(--link); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -100rem; }
.skip:focus { position: static; }
.dim, dt, .path { color: var(--dim); }
.where { font-weight: 600; }
.verdict { display: inline-block; padding: 0 .5rem; border: 2px solid currentColor; border-radius: .3rem; text-transform: uppercase; font-size: 1rem; }
.faulty, .error .tag, .wrong .answer, td.wrong, .hop.broken .mark { color: var(--bad); }
.unknown, .warning .tag, .couldNotLook .answer, td.couldNotLook, .hop.warning .mark { color: var(--warn); }
.healthy, .progressing, .fine .answer, td.fine { color: var(--good); }
.finding { border: 1px solid var(--line); border-left: .35rem solid var(--line); border-radius: .3rem; padding: .75rem 1rem; margin: .75rem 0; background: var(--box); }
.finding.error { border-left-color: var(--bad); }
.finding.warning { border-left-color: var(--warn); }
.tag { font-size: .8rem; text-transform: uppercase; border: 1px solid currentColor; border-radius: .2rem; padding: 0 .3rem; }
dl { display: grid; grid-template-columns: 4rem 1fr; gap: .1rem .75rem; margin: 0 0 .5rem; }
dd { margin: 0; }
code, pre { font: .9rem/1.45 ui-monospace, monospace; }
pre { margin: .25rem 0; padding: .5rem .75rem; border: 1px solid var(--line); border-radius: .3rem; background: var(--bg); white-space: pre-wrap; overflow-wrap: anywhere; user-select: all; }
.evidence { margin: .25rem 0; padding-left: 1.25rem; }
.command { margin-top: .75rem; }
.command .label { font-weight: 600; font-size: .9rem; }
.chain { list-style: none; margin: 0 0 1.25rem; padding: 0; }
.hop { position: relative; border: 1px solid var(--line); border-radius: .3rem; padding: .4rem .75rem; background: var(--box); }
.hop + .hop { margin-top: 1.25rem; }
.hop + .hop::before { content: ""; position: absolute; left: 1.25rem; top: -1.25rem; height: 1.25rem; border-left: 2px solid var(--line); }
.hop.broken { border: 2px solid var(--bad); }
.hop.warning { border: 2px solid var(--warn); }
.mark { display: block; font-weight: 600; }
.walk { display: grid; grid-template-columns: repeat(3, 1fr); gap: 1rem; align-items: start; }
.walk ol { list-style: none; margin: 0; padding: 0; }
.question { position: relative; border: 1px solid var(--line); border-radius: .6rem; padding: .35rem .6rem; background: var(--box); font-size: .9rem; }
.question + .question { margin-top: 1rem; }
.question + .question::before { content: ""; position: absolute; left: 50%; top: -1rem; height: 1rem; border-left: 2px solid var(--line); }
.question.wrong { border: 2px solid var(--bad); }
.question.couldNotLook { border: 2px dashed var(--warn); }
.answer { display: block; font-weight: 600; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); }
summary { cursor: pointer; }
@media (max-width: 48rem) { .walk { grid-template-columns: 1fr; } table, thead, tbody, tr, td { display: block; } thead { display: none; } tr { border-bottom: 1px solid var(--line); padding: .4rem 0; } td { border: 0; padding: 0; } }
@media print { :root { color-scheme: light; --bg: #fff; --fg: #000; --box: #fff; --dim: #333; } body { max-width: none; padding: 0; font-size: 10pt; } .finding, .hop, .question, tr { break-inside: avoid; } .skip { display: none; } }
`;
