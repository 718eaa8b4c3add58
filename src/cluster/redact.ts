/** Masks credentials: in what a recording holds, and in what a report quotes. */

/** Stands where a credential was. */
export const MASK = '[redacted]';

/** What people call a secret, at the end of a longer name too: DB_PASSWORD, --api-key, ConnectionPwd. A shell's own PWD is a folder. */
const STRONG = String.raw`(?:pass(?:word|wd|phrase)|pwd(?!["']?\s{0,20}[=:]\s{0,20}["']?/)|api[ _-]?key|access[_-]?key(?:[_-]?id)?|secret[_-]?key|account[_-]?key|private[_-]?key|encryption[_-]?key|signing[_-]?key)`;
/** Words that are also prose: "unexpected token: x", "cannot get secret: secrets ... is forbidden". */
const WEAK = '(?:secret|(?<!unexpected )token|credentials?)';
const ANY = `(?:${STRONG}|${WEAK})`;
// Every repetition has an end: a hostile log of one long line must not cost a square of its length.
const QUOTED = String.raw`"(?:[^"\\\n]|\\.){0,2000}"|'[^'\n]{0,2000}'`;
const BARE = String.raw`[^\s,;&"')\]}]+`;

/** What follows `password:` in messages and templates, and is no password. */
const HARMLESS =
  /^(?:yes|no|true|false|null|nil|none|undefined|empty|missing|required|invalid|incorrect|wrong|is|was|not|must|and|or|for|of|in|from|the|a|an|cannot|\$\{.*|\$\(.*|\$[A-Z_]+|%[a-z]|<.*>?|\[redacted\]?|\*+)$/i;

/** Each pattern with what replaces a match. They are tried in this order. */
const PATTERNS: readonly [pattern: RegExp, replace: string | ((match: string, ...groups: string[]) => string)][] = [
  // A private key in PEM, also in one line with \n written out, also if its end was cut off.
  [/-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----[\s\S]*?(?:-----END \1-----|$)/g, MASK],
  // JSON Web Tokens: a JSON object in base64url begins with eyJ (RFC 7519).
  [/\beyJ[\w-]{8,1000}\.[\w-]{2,8000}\.[\w-]*/g, MASK],
  [/(\bauthorization["']?\s*[:=]\s*["']?)(basic|bearer|token|digest|negotiate)(\s+)[^\s"',]+/gi, `$1$2$3${MASK}`],
  // A bare word after "Bearer" may be prose; a token has a digit, or is long.
  [/(\bbearer\s+)((?=[\w.~+/-]{0,200}\d)[\w.~+/-]{8,}=*|[\w.~+/-]{24,}=*)/gi, `$1${MASK}`],
  // scheme://user:password@host
  [/((?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@"'<>]{0,100}:)[^\s/"'<>]{1,300}(?=@)/gi, `$1${MASK}`],
  // Tokens with a prefix of their own: AWS, GitHub, GitLab, Slack, Google, Stripe, npm, Docker Hub, Vault.
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, MASK],
  [
    /\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeprs]-[\w-]{10,}|AIza[\w-]{35}|[sr]k_(?:live|test)_\w{16,}|npm_\w{30,}|dckr_pat_[\w-]{16,}|hvs\.[\w-]{20,})/g,
    MASK,
  ],
  // password=..., token => ...
  [new RegExp(`(${ANY}\\s{0,20}=>?\\s{0,20})(${QUOTED}|${BARE})`, 'gi'), assignment],
  // "token": "...", in JSON; in JSON inside of JSON the quotes have backslashes
  [new RegExp(`(${ANY}\\\\?["']\\s{0,20}:\\s{0,20})(\\\\"[^"\\\\]{0,2000}\\\\"|${QUOTED})`, 'gi'), assignment],
  // password: ...
  [new RegExp(`(${STRONG}\\s{0,20}:\\s{0,20})(${QUOTED}|${BARE})`, 'gi'), assignment],
  // auth_token: ... as a line of YAML
  [new RegExp(`(^[ \\t-]{0,80}[\\w.-]{0,80}${WEAK}[ \\t]*:[ \\t]+)(${QUOTED}|\\S+)(?=[ \\t]*$)`, 'gim'), assignment],
  // --password hunter2
  [new RegExp(`((?:^|\\s)--?[\\w-]{0,60}${ANY}\\s+)([^\\s-]\\S*)`, 'gi'), assignment],
];

function assignment(match: string, name = '', value = ''): string {
  const quote = /^\\?["']/.exec(value)?.[0] ?? '';
  const bare = quote ? value.slice(quote.length, -quote.length) : value;
  return bare === '' || HARMLESS.test(bare.replace(/[.!?]$/, '')) ? match : `${name}${quote}${MASK}${quote}`;
}

/**
 * @param text a log, a message, a value
 * @returns the text with tokens, JWTs, private keys, bearer headers, passwords in URLs, and values of `password=` and the like replaced by `MASK`
 */
export function redactText(text: string): string {
  return PATTERNS.reduce((masked, [pattern, replace]) => masked.replace(pattern, replace as string), text);
}

const NAMES_A_SECRET = new RegExp(`${ANY}$`, 'i');
const IS_FLAG = new RegExp(`^--?[\\w-]{0,60}${ANY}$`, 'i');

/** Maps whose keys are names that a person chose, so that a key may tell that its value is a secret. */
const MAPS: readonly string[] = ['data', 'binaryData', 'annotations'];

/**
 * @param value JSON of the API: an object, or a part of one
 * @returns a copy with credentials masked in every text: environment variables, ConfigMap values and annotations whose name says secret lose
 *   their whole value, arguments that follow a flag like `--password` too, all else is treated as by `redactText`
 */
export function redactObject(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value);
  if (Array.isArray(value))
    return value.map((item, index) => (typeof item === 'string' && IS_FLAG.test(String(value[index - 1])) ? MASK : redactObject(item)));
  if (typeof value !== 'object' || value === null) return value;
  const { name, value: own } = value as { name?: unknown; value?: unknown };
  const isSecretVariable = typeof name === 'string' && typeof own === 'string' && own !== '' && NAMES_A_SECRET.test(name);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      if (isSecretVariable && key === 'value') return [key, MASK];
      return [key, MAPS.includes(key) ? redactMap(item) : redactObject(item)];
    }),
  );
}

function redactMap(map: unknown): unknown {
  if (typeof map !== 'object' || map === null || Array.isArray(map)) return redactObject(map);
  return Object.fromEntries(
    Object.entries(map).map(([key, value]) => [
      key,
      typeof value === 'string' && value !== '' && NAMES_A_SECRET.test(key) ? MASK : redactObject(value),
    ]),
  );
}

/** @returns the texts that stand in `before` where `after` has a mask. */
export function maskedIn(before: string, after: string): string[] {
  if (before === after) return [];
  const parts = after.split(MASK).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return (new RegExp(`^${parts.join('([\\s\\S]+?)')}$`).exec(before) ?? []).slice(1);
}

/** @returns the same for every text of an object and its redacted copy. */
export function maskedBelow(before: unknown, after: unknown): string[] {
  if (typeof before === 'string') return typeof after === 'string' ? maskedIn(before, after) : [];
  if (typeof before !== 'object' || before === null || typeof after !== 'object' || after === null) return [];
  return Object.entries(before).flatMap(([key, one]) => maskedBelow(one, (after as Record<string, unknown>)[key]));
}
