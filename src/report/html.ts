/** A diagnosis as one page: no script, no request to anywhere, readable offline, on a phone, in the dark and on paper. */
import { refName } from '../artifacts.ts';
import { CAUSES } from '../causes.ts';
import { QUESTIONS } from '../flowchart.ts';
import { isRootFault, sentence } from '../judge.ts';
import { kubectlName } from '../kubernetes/template.ts';
import type { Artifacts, Diagnosis, Evidence, Finding, LedgerEntry, Unread } from '../model.ts';
import { LAYERS } from '../model.ts';
import { visible } from '../ui/visible.ts';
import { commandText } from './command.ts';
import { valueText } from './evidence.ts';
import { STYLE } from './html-style.ts';
import { LAYER_NAMES, unreadText } from './text.ts';
import { type MarkedHop, wiring } from './wiring.ts';

/** HTML that is safe to put into a page. Only `html` makes it; every other value is escaped. */
class Html {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

type Part = string | number | Html | readonly Part[] | undefined | false;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function sourceOf(part: Part): string {
  if (part === undefined || part === false) return '';
  if (part instanceof Html) return part.source;
  if (typeof part === 'object') return part.map(sourceOf).join('');
  return visible(String(part)).replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** @returns the page's source; what is put in is escaped, unless it is HTML already. */
const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  new Html(strings.map((text, index) => text + sourceOf(parts[index])).join(''));

/** Nothing is loaded, run or sent, whatever a string from the cluster may say. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** @returns the page, whole. */
export function htmlPage(diagnosis: Diagnosis, artifacts: Artifacts): string {
  const { target, verdict, summary, findings, unread, ledger } = diagnosis;
  const title = `${kubectlName(target)} in namespace ${target.namespace}`;
  const roots = findings.filter(isRootFault);
  const follows = findings.filter(({ consequenceOf, severity }) => consequenceOf.length > 0 && severity !== 'info');
  const notes = findings.filter(({ severity }) => severity === 'info');
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${verdict}: ${title} - kdebug</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<a class="skip" href="#answer">Skip to the answer</a>
<header>
<p class="where">${title}${target.url !== undefined && html`, for ${target.url}`}${target.from && html`, called from ${kubectlName(target.from)}`}</p>
<h1><span class="verdict ${verdict}">${verdict}</span> <span id="answer">${summary}</span></h1>
<p class="dim">Context ${target.context}, server ${target.server}. As of ${artifacts.now}. kdebug only read.</p>
${target.managedBy && html`<p><strong>Managed by ${target.managedBy.manager}.</strong> ${target.managedBy.says}</p>`}
</header>
<main>
${roots.length > 0 && html`<section aria-labelledby="wrong"><h2 id="wrong">What is wrong</h2>${roots.map((one) => findingHtml(one))}</section>`}
${wiringHtml(artifacts, diagnosis)}
${follows.length > 0 && html`<section aria-labelledby="follows"><h2 id="follows">What follows from it</h2><ul class="follows">${follows.map((one) => followHtml(one, findings))}</ul></section>`}
${notes.length > 0 && html`<section aria-labelledby="notes"><h2 id="notes">Worth knowing</h2>${notes.map((one) => findingHtml(one))}</section>`}
${unread.length > 0 && unreadHtml(unread)}
<section aria-labelledby="walk"><h2 id="walk">The walk</h2>
<p class="dim">Bottom-up, as it was asked. A question that did not apply is left out here; the ledger below has all.</p>
<div class="walk">${LAYERS.map((layer) =>
    layerHtml(
      ledger.filter((entry) => entry.layer === layer),
      LAYER_NAMES[layer],
    ),
  )}</div></section>
<section aria-labelledby="ledger"><h2 id="ledger">Ledger</h2>
<details><summary>All ${ledger.length} questions and their answers</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Ledger"><table><thead><tr><th scope="col">Question</th><th scope="col">Answer</th><th scope="col">In words</th></tr></thead><tbody>
${ledger.map(({ asks, outcome, says }) => html`<tr><td>${asks}</td><td class="${outcome}">${WORDS[outcome]}</td><td>${says}</td></tr>`)}
</tbody></table></div></details></section>
</main>
<footer class="dim"><p>${diagnosis.requests.count} requests in ${diagnosis.requests.rounds} rounds. Made by kdebug, which walks a Kubernetes workload from its Pods to its routes.</p></footer>
</body>
</html>
`;
  return page.source;
}

const anchor = (id: string): string => `f-${id.replace(/[^A-Za-z0-9-]/g, '-')}`;

const SURE = { certain: undefined, likely: 'Likely, not proven.', possible: 'Possible: have a look.' } as const;

function findingHtml(finding: Finding): Html {
  const { cause, severity, message, objects, count, container, evidence, remedies, nextChecks, confidence } = finding;
  const names = objects.map(refName).join(', ');
  return html`<article class="finding ${severity}" id="${anchor(finding.id)}">
<h3><span class="tag">${severity === 'info' ? 'note' : severity}</span> ${sentence(message)}</h3>
<dl>
<dt>Where</dt><dd>${names}${count > objects.length && html` and ${count - objects.length} more`}${container !== undefined && html`, container ${container}`}</dd>
<dt>Cause</dt><dd><code>${cause}</code> ${CAUSES[cause].title}${SURE[confidence] !== undefined && html` <em>${SURE[confidence]}</em>`}</dd>
</dl>
${evidence.length > 0 && html`<details open><summary>Evidence</summary><ul class="evidence">${evidence.map(evidenceHtml)}</ul></details>`}
${remedies.map(({ argv, changes, complete }) => commandHtml('Fix', argv, complete ? changes : `${changes} Fill in the <...> first.`))}
${nextChecks.map(({ argv, says }) => commandHtml('Look', argv, says))}
</article>`;
}

function evidenceHtml(evidence: Evidence): Html {
  if ('log' in evidence) {
    const { pod, container, previous } = evidence.log;
    return html`<li><span class="path">log of ${container} in ${pod}${previous && ', previous run'}</span><pre tabindex="0">${evidence.line}</pre></li>`;
  }
  const where = html`<span class="path">${refName(evidence.object)} ${evidence.path}</span>`;
  if ('absent' in evidence) return html`<li>${where} <b>is not there</b></li>`;
  return html`<li>${where} = <code>${valueText(evidence.value)}</code></li>`;
}

/** A click, or a tap, selects all of it. */
function commandHtml(label: string, argv: readonly string[], says: string): Html | undefined {
  const text = commandText(argv);
  return text === undefined
    ? undefined
    : html`<div class="command"><span class="label">${label}</span><pre tabindex="0">${text}</pre><p class="dim">${says}</p></div>`;
}

function followHtml({ id: own, message, consequenceOf }: Finding, findings: readonly Finding[]): Html {
  const causes = consequenceOf.flatMap((id) => findings.find((one) => one.id === id) ?? []);
  return html`<li id="${anchor(own)}">${sentence(message)}${causes.map((one) => html` <span class="dim">because of</span> <a href="#${anchor(one.id)}">${one.cause}</a>`)}</li>`;
}

function wiringHtml(artifacts: Artifacts, { findings }: Diagnosis): Html | undefined {
  const { chains } = wiring(artifacts, findings);
  if (chains.length === 0) return undefined;
  return html`<section aria-labelledby="wiring"><h2 id="wiring">Wiring</h2>
${chains.map(({ hops }) => html`<ol class="chain">${hops.map(hopHtml)}</ol>`)}</section>`;
}

const hopHtml = ({ name, says, broken }: MarkedHop): Html =>
  html`<li class="hop ${broken?.word}"><b>${name}</b> <span>${says}</span>${broken && html` <span class="mark">${broken.word === 'broken' ? '✗ broken' : '! warning'}: ${broken.causes.join(', ')}</span>`}</li>`;

const MARKS: Readonly<Record<LedgerEntry['outcome'], string>> = { fine: '✓', wrong: '✗', couldNotLook: '?', notApplicable: '-' };
const WORDS: Readonly<Record<LedgerEntry['outcome'], string>> = {
  fine: 'ok',
  wrong: 'no',
  couldNotLook: 'could not look',
  notApplicable: 'did not apply',
};

/** The questions of one layer as the boxes of a flowchart; the answer stands at the arrow. */
function layerHtml(entries: readonly LedgerEntry[], name: string): Html {
  const asked = entries.filter(({ outcome }) => outcome !== 'notApplicable');
  return html`<div class="layer"><h3>${name}</h3>${
    asked.length === 0
      ? html`<p class="dim">${entries[0]?.says ?? 'Nothing was asked.'}</p>`
      : html`<ol>${asked.map(
          ({
            question,
            outcome,
            says,
            findings,
          }) => html`<li class="question ${outcome}"><span class="asks">${QUESTIONS[question].asks}</span>
<span class="answer"><span aria-hidden="true">${MARKS[outcome]}</span> ${WORDS[outcome]}${findings.length > 0 && html`: ${findings.map((id, index) => html`${index > 0 && ', '}<a href="#${anchor(id)}">${id.split(':')[0]}</a>`)}`}${outcome === 'couldNotLook' && html`: ${says}`}</span></li>`,
        )}</ol>`
  }</div>`;
}

function unreadHtml(unread: readonly Unread[]): Html {
  const rules = unread.flatMap(({ rule }) => (rule ? [`- ${JSON.stringify(rule)}`] : []));
  return html`<section aria-labelledby="unseen"><h2 id="unseen">Not seen</h2><ul>${unread.map((one) => html`<li>${unreadText(one)}</li>`)}</ul>
${rules.length > 0 && html`<p>The RBAC rules that would allow it:</p><pre tabindex="0">${new Html([...new Set(rules)].map((rule) => html`${rule}`.source).join('\n'))}</pre>`}</section>`;
}
