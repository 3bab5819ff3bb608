/**
 * The settings of a webhook beyond its URL, events and secret. They are read from the contract of the API, so that a new
 * one is in the form as soon as the server has it; a line in WORDS gives it a better name, and its place in the order, and
 * perhaps another hint, a word for a value that is empty or not set, or the formats that it goes with.
 */
import { readContract } from './api.js';
import { h } from './dom.js';
import { field, group, select } from './form.js';

const WORDS = {
  filter: { label: 'Filter', program: true, shape: true, unset: 'none', example: '.record.stage == "WON" and (.updatedFields // [] | index("stage")) != null',
    about: 'A jq program over event, object, action, record, updatedFields, workspace and timestamp of the change. It gives true for what is sent, else false. Empty: all.' },
  format: { label: 'Format of the body', shape: true },
  fields: { label: 'Fields of the record', shape: true, unset: 'all', goesWith: ['event', 'cloudevents'], about: 'Names with commas between, such as name, stage. The id is always sent. Empty: all.' },
  cloudEventsMode: { label: 'Mode of the CloudEvent', shape: true, goesWith: ['cloudevents'] },
  body: { label: 'Body', program: true, shape: true, goesWith: ['custom'], example: '{text: "\\(.record.name) is won"}',
    about: 'A jq program over the same as above, but of the change as your routes have left it. It gives the whole body.' },
  contentType: { label: 'Type of the body', shape: true, unset: 'application/json', goesWith: ['custom'], about: 'With a type that is not of JSON the program gives a text, which is sent as it is.' },
  timeout: { label: 'Timeout' },
  retrySchedule: { label: 'Retry schedule', blank: 'none',
    about: 'Delays after each failed attempt, such as 5s,5m,1h, at most 50; none: one attempt only; empty: webhooks.delivery.retry-schedule.' },
  concurrency: { label: 'Attempts at once' },
  rateLimit: { label: 'Attempts a second', unset: 'no limit' },
  batchSize: { label: 'Events in one POST' },
  batchWait: { label: 'Wait for more events', unset: 'no' },
  compress: { label: 'Compression' },
  ordering: { label: 'Order' },
  onDead: { label: 'After a dead letter' },
  supersede: { label: 'Leave out outdated updates' },
  signatureSchemes: { label: 'Signature schemes' },
  headers: { label: 'Headers of its own' },
  labels: { label: 'Labels', unset: 'none' },
  oauth2: { label: 'Access token (OAuth 2.0)', unset: 'none' },
  tlsIdentity: { label: 'TLS identity' },
};

/** These have a place of their own in the form. */
const ELSEWHERE = new Set(['targetUrl', 'operations', 'description', 'enabled', 'secret', 'ed25519', 'workspace', 'duplicate']);

const words = (name) => name.replace(/([A-Z])/g, ' $1').replace(/^./, (first) => first.toUpperCase()).replace(/ ([A-Z])/g,
  (found) => found.toLowerCase());

/** The fields of a webhook that only Twenty may change. */
const isOfTwenty = ({ name, shape }) => shape || name === 'signatureSchemes';

/** Whether a setting can be changed here. */
export const isOurs = (setting, webhook) => webhook?.source !== 'twenty' || !isOfTwenty(setting);

/** Whether a setting means something with a format. */
export const goesWith = (format) => ({ goesWith: formats }) => !formats || formats.includes(format);

/** A null in the API is an empty field in a form. */
const asForm = (description) => description?.replace(/\. null: /, '. Empty: ').replace(/\bnull: /, 'empty: ');

function resolved(schema, document) {
  return schema.$ref ? schema.$ref.slice(2).split('/').reduce((at, key) => at[key], document) : schema;
}

/** @return name, label and schema of each setting, in the order in which they are shown */
export async function settings() {
  const document = await readContract();
  const { properties } = document.components.schemas.WebhookChanges;
  const order = [...Object.keys(WORDS), ...Object.keys(properties)];
  return Object.entries(properties)
    .filter(([name, schema]) => !ELSEWHERE.has(name) && schema.description !== 'Ignored.')
    .map(([name, schema]) => ({ name, label: words(name), schema: resolved(schema, document), about: asForm(schema.description),
      ...WORDS[name] }))
    .sort((one, two) => order.indexOf(one.name) - order.indexOf(two.name));
}

/** The value that holds where a setting is not set. */
const unset = ({ unset: word, schema }) => word ?? (schema.default === undefined ? 'default' : `${schema.default}, the default`);

/** The value of a setting, for a reader. */
export function said(setting, webhook) {
  if (setting.name === 'headers') {
    return webhook.headerNames.length > 0 ? webhook.headerNames.join(', ') : 'none';
  }
  const value = webhook[setting.name];
  if (setting.name === 'labels') {
    return Object.entries(value).map((label) => label.join('=')).join(', ') || 'none';
  }
  if (setting.name === 'oauth2' && value) {
    return [`from ${value.tokenUrl} for ${value.clientId}`, value.scope && `scope ${value.scope}`, value.audience && `audience ${value.audience}`]
      .filter(Boolean).join(', ');
  }
  return value === null || value === undefined ? unset(setting) : value === '' ? setting.blank ?? 'empty' : typeof value === 'boolean' ? (value ? 'yes' : 'no')
    : typeof value === 'object' ? (Array.isArray(value) ? value.join(', ') : JSON.stringify(value)) : String(value);
}

/**
 * Controls for settings. Those that do not go with the chosen format are hidden, and are taken back when it is saved.
 *
 * @return for each its setting, node, and value(), which is undefined where nothing has been entered or changed
 */
export function controls(all, webhook) {
  const made = all.map((setting) => ({ setting, ...control(setting, webhook) }));
  const format = made.find(({ setting }) => setting.name === 'format')?.node.querySelector('select');
  const fit = () => made.forEach(({ setting, node }) => { node.hidden = !goesWith(format?.value)(setting); });
  format?.addEventListener('change', fit);
  fit();
  return made.map(({ setting, node, value }) => ({ setting, node, value: () => (node.hidden ? takenBack(setting, webhook) : value()) }));
}

function takenBack({ name, schema }, webhook) {
  const nothing = schema.default ?? null;
  return (webhook?.[name] ?? nothing) === nothing ? undefined : nothing;
}

function control(setting, webhook) {
  return setting.name === 'headers' ? headers(setting, webhook)
    : setting.name === 'labels' ? labels(setting, webhook)
    : setting.name === 'oauth2' ? credentials(setting, webhook) : simple(setting, webhook?.[setting.name]);
}

const KINDS = {
  integer: { type: 'number', step: '1', read: Number },
  number: { type: 'number', step: 'any', read: Number },
  string: { type: 'text', read: (text) => text },
  array: { type: 'text', write: (list) => list.join(', '), read: (text) => text.split(',').map((one) => one.trim()).filter(Boolean) },
  object: { type: 'text', write: (value) => JSON.stringify(value), read: parsed },
};

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text; // the server refuses it and names the field
  }
}

function simple(setting, before) {
  const { name, label, schema, about, blank } = setting;
  const same = (value) => JSON.stringify(value) === JSON.stringify(before ?? schema.default ?? null);
  if (schema.enum || schema.type === 'boolean') {
    const options = schema.enum ? schema.enum.filter((one) => one !== null).map((one) => [one, one]) : [['true', 'yes'], ['false', 'no']];
    const shown = before ?? schema.default ?? '';
    const input = select(name, String(shown), schema.nullable || shown === '' ? [['', 'default'], ...options] : options);
    const read = () => (input.value === '' ? null : schema.enum ? input.value : input.value === 'true');
    return { node: field(label, input, about), value: () => (same(read()) ? undefined : read()) };
  }
  const kind = KINDS[schema.type] ?? KINDS.object;
  const shown = before === null || before === undefined ? '' : before === '' ? blank ?? '' : (kind.write ?? String)(before);
  const input = setting.program ? program(setting, shown) : h('input', { name, type: kind.type, step: kind.step, min: schema.minimum, max: schema.maximum, value: shown,
    placeholder: unset(setting), autocomplete: 'off', spellcheck: 'false' });
  const read = () => (input.value.trim() === '' ? null : input.value.trim() === blank ? '' : kind.read(input.value.trim()));
  return { node: field(label, input, about), value: () => (input.value === shown || same(read()) ? undefined : read()) };
}

/** Several lines of a language. */
const program = ({ name, schema, example }, shown) => h('textarea', { name, value: shown, rows: Math.max(2, shown.split('\n').length),
  maxlength: schema.maxLength, placeholder: example, autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false' });

/** Rows of names and values, which the form takes as one object. */
function pairs(thing, [name, value], changed) {
  const rows = h('div', { class: 'rows' });
  const add = ([key, text] = ['', '']) => {
    const row = h('div', { class: 'row' },
      h('input', { 'aria-label': `Name of the ${thing}`, placeholder: name, class: 'name', autocomplete: 'off', value: key }),
      h('input', { 'aria-label': `Value of the ${thing}`, placeholder: value, class: 'value', autocomplete: 'off', value: text }),
      h('button', { type: 'button', class: 'small', 'aria-label': `Remove this ${thing}`, onclick: () => row.remove() }, 'Remove'));
    rows.append(row);
    return row;
  };
  const button = h('button', { type: 'button', class: 'small', onclick: () => {
    changed?.();
    add().querySelector('input').focus();
  } }, `Add a ${thing}`);
  const read = () => Object.fromEntries([...rows.children].map((row) => [
    row.querySelector('.name').value.trim(), row.querySelector('.value').value]).filter(([key]) => key !== ''));
  return { rows, add, button, read };
}

/** Values of headers are never shown, so they can only be replaced as a whole. */
function headers({ name, label, about }, webhook) {
  let touched = false;
  const touch = () => { touched = true; };
  const { rows, button, read } = pairs('header', ['Authorization', 'its value'], touch);
  const kept = webhook?.headerNames ?? [];
  const node = group(name, label, about,
    kept.length > 0 && h('p', { class: 'hint' }, `It has ${kept.join(', ')}; their values are not shown. New headers replace all of them. `,
      h('button', { type: 'button', class: 'small', onclick: () => { touch(); rows.replaceChildren(); kept.length = 0; } }, 'Remove all')),
    rows, button);
  return { node, value: () => (touched ? read() : undefined) };
}

function labels({ name, label, about }, webhook) {
  const { rows, add, button, read } = pairs('label', ['region', 'its value']);
  Object.entries(webhook?.labels ?? {}).forEach(add);
  const before = JSON.stringify(read());
  return { node: group(name, label, about, rows, button), value: () => (JSON.stringify(read()) === before ? undefined : read()) };
}

const CREDENTIALS = [['tokenUrl', 'Token URL', 'url'], ['clientId', 'Client id', 'text'], ['clientSecret', 'Client secret', 'password'],
  ['scope', 'Scope', 'text'], ['audience', 'Audience', 'text']];

/** Without all of its texts there are none. The secret is never shown, and may stay empty where it is to stay as it is. */
function credentials({ name, label, about }, webhook) {
  const before = webhook?.oauth2 ?? {};
  const inputs = CREDENTIALS.map(([key, title, type]) => [key, field(title, h('input', { name: `${name}.${key}`, type, value: before[key] ?? '',
    autocomplete: type === 'password' ? 'new-password' : 'off', spellcheck: 'false',
    placeholder: type === 'password' && before.clientId ? 'kept, while URL and id stay the same' : '' }))]);
  const read = () => Object.fromEntries(inputs.map(([key, node]) => [key, node.querySelector('input').value.trim()]).filter(([, text]) => text !== ''));
  const shown = JSON.stringify(read());
  return { node: group(name, label, about, inputs.map(([, node]) => node)),
    value: () => (JSON.stringify(read()) === shown ? undefined : Object.keys(read()).length > 0 ? read() : null) };
}
