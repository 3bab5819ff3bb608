/** A delivery as a curl command. */

/** A word of a POSIX shell. */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** What is not kept, or hidden, cannot be sent again by hand. */
const known = ([, value]) => !/^\(.*\)$/.test(value);

/** @param headers of the attempt, without what is secret */
export function curl(url, headers, body) {
  const lines = [`curl -X POST ${quoted(url)}`,
    ...Object.entries(headers).filter(known).map(([name, value]) => `  -H ${quoted(`${name}: ${value}`)}`),
    `  --data-binary ${quoted(body ?? '')}`];
  return lines.join(' \\\n');
}
