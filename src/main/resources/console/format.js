/** How times, numbers and names are written. */
import { h } from './dom.js';

/** The console speaks English; its times are in the zone of the reader. */
const LANGUAGE = 'en-GB';
const NUMBER = new Intl.NumberFormat(LANGUAGE);
const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit' };
const DAY = { day: 'numeric', month: 'short' };

export const count = (number) => NUMBER.format(number);

/** Counts of open work stop at 10,000. */
export const countUpTo = (number) => (number >= 10_000 ? `${count(number)}+` : count(number));

export function duration(millis) {
  if (millis === null || millis === undefined) {
    return '–';
  }
  return millis < 1000 ? `${millis} ms` : `${(millis / 1000).toFixed(millis < 10_000 ? 1 : 0)} s`;
}

export function size(bytes) {
  if (bytes === null || bytes === undefined) {
    return '–';
  }
  return bytes < 1000 ? `${bytes} B` : bytes < 1e6 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** 65 → "1 min", 7300 → "2 h"; with two units where the first is small. */
export function span(seconds) {
  const units = [['d', 86_400], ['h', 3600], ['min', 60], ['s', 1]];
  const at = units.findIndex(([, length]) => seconds >= length);
  if (at < 0) {
    return '0 s';
  }
  const [unit, length] = units[at];
  const whole = Math.floor(seconds / length);
  const rest = units[at + 1] && whole < 10 ? Math.floor((seconds % length) / units[at + 1][1]) : 0;
  return rest > 0 ? `${whole} ${unit} ${rest} ${units[at + 1][0]}` : `${whole} ${unit}`;
}

/** Null where the browser knows no such time: its last year is 275760, that of PostgreSQL 294276. */
function moment(iso) {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? null : date;
}

/** Whether a time is yet to come. */
export const isAhead = (iso) => (moment(iso) ? moment(iso) > new Date() : iso.startsWith('+'));

export const secondsSince = (iso) => Math.max(0, Math.round((Date.now() - new Date(iso)) / 1000));

/** The zone of the reader is known for the years of four digits that have zones. */
function inZone(iso) {
  const date = moment(iso);
  if (!date || date.getFullYear() < 1900 || date.getFullYear() > 9999) {
    return inUtc(iso);
  }
  const today = new Date();
  const year = date.getFullYear() === today.getFullYear() ? {} : { year: 'numeric' };
  const day = date.toDateString() === today.toDateString() ? {} : { ...DAY, ...year };
  return new Intl.DateTimeFormat(LANGUAGE, { ...day, ...CLOCK }).format(date);
}

const inUtc = (iso) => `${iso.replace('T', ' ').replace(/(\.000)?Z$/, '')} UTC`;

const stamp = (iso, text) => h('time', { datetime: iso, title: inUtc(iso) }, text);

/** The hour and minute only. */
export const clock = (iso) => new Intl.DateTimeFormat(LANGUAGE, { hour: '2-digit', minute: '2-digit' }).format(new Date(iso));

/** In the zone of the reader; in UTC when pointed at. */
export const time = (iso) => (iso ? stamp(iso, inZone(iso)) : '–');

/** How long ago, or how soon; the time itself when pointed at. */
export function ago(iso) {
  if (!iso) {
    return '–';
  }
  if (!moment(iso)) {
    return time(iso);
  }
  const seconds = Math.round((moment(iso) - Date.now()) / 1000);
  return stamp(iso, seconds > 0 ? `in ${span(seconds)}` : seconds < 0 ? `${span(-seconds)} ago` : 'now');
}

/** For an input of the type datetime-local. */
export function toLocalInput(iso) {
  const date = iso && moment(iso);
  if (!date) {
    return '';
  }
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export const fromLocalInput = (text) => (text && moment(text) ? moment(text).toISOString() : '');

/** Where a webhook was made and how its body looks, as far as that is not as usual. */
export const nature = ({ source, file, format }) => [source === 'twenty' ? 'made in Twenty' : source === 'file' && `managed by ${file}`,
  format !== 'event' && `${format} body`].filter(Boolean).join(', ');

/** Whether a target is a route of the operator's own, and no URL. */
export const isRoute = (target) => Boolean(target?.startsWith('route:'));

/** The name of a webhook for a person: its description, else its URL without the scheme. */
export const webhookName = (webhook) => webhook.description || webhook.targetUrl.replace(/^https?:\/\//, '');

/** Beyond it an indent says nothing more, and thousands of levels would be megabytes of blanks. */
const DEEPEST = 40;
const TOKENS = /"(?:\\.|[^"\\])*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** JSON with an indent, its numbers with all their digits; and anything else as it is. */
export function pretty(text) {
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  let depth = 0;
  const line = () => `\n${'  '.repeat(Math.min(depth, DEEPEST))}`;
  return text.match(TOKENS).map((token, i, all) => {
    switch (token) {
      case '{': case '[':
        return ']}'.includes(all[i + 1]) ? token : (depth++, token + line());
      case '}': case ']':
        return '[{'.includes(all[i - 1]) ? token : (depth--, line() + token);
      case ',':
        return token + line();
      case ':':
        return ': ';
      default:
        return token;
    }
  }).join('');
}
