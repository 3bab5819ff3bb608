/** A delivery as a curl command. */

/** A word of a POSIX shell. */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** Headers that are not kept, or hidden, cannot be sent again by hand. Nor is the body compressed here. */
const known = ([name, value]) => !/^\(.*\)$/.test(value) && name !== 'Content-Encoding';

/** curl would leave out a header without a value that is written with a colon. */
const header = ([name, value]) => quoted(value === '' ? `${name};` : `${name}: ${value}`);

/** A terminal takes these for keys, and a word may not be longer than this. */
const CONTROL = /[\x00-\x09\x0b-\x1f\x7f]/;
const LONGEST_WORD = 100_000;

const octal = (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`;

/** The body by way of printf, which every shell has built in. */
const printed = (body) => `printf ${quoted(body.replaceAll('\\', '\\\\').replaceAll('%', '%%')
  .replace(new RegExp(CONTROL, 'g'), octal).replace(/^-/, octal))} |\n`;

/**
 * The URL goes as it is: without --globoff curl would take brackets for a pattern, without --path-as-is it would take
 * out dots.
 *
 * @param headers of the attempt, without secret values
 */
export function curl(url, headers, body) {
  const text = body ?? '';
  const piped = CONTROL.test(text) || text.length > LONGEST_WORD;
  const lines = [`${piped ? printed(text) : ''}curl --globoff --path-as-is -X POST ${quoted(url)}`,
    ...Object.entries(headers).filter(known).map((each) => `  -H ${header(each)}`),
    piped ? '  --data-binary @-' : `  --data-raw ${quoted(text)}`];
  return lines.join(' \\\n');
}
