/** Makes a webhook, or changes one. */
import { ApiError, call, listWebhooks, post } from '../api.js';
import { h, refill } from '../dom.js';
import { clear, datalist, field, form, showError } from '../form.js';
import { webhookName } from '../format.js';
import { objects, eventRows } from '../event-filter.js';
import { secretChoice } from '../secret-choice.js';
import { shownOnceAt } from '../secrets.js';
import { who } from '../session.js';
import { controls, isOurs, settings } from '../settings.js';
import { tried } from '../tried.js';
import { alertBox, button, head, linkButton, note, toast } from '../ui.js';

export async function webhookForm(view) {
  const { id } = view.params;
  const [found, known, all, others] = await Promise.all([
    id ? call('GET', `/rest/webhooks/${id}`, { signal: view.signal }) : { data: null, etag: null },
    objects(view.signal), settings(), listWebhooks()]);
  return found.data?.source === 'file' ? ofFile(found.data) : build(view, found, known, all, others);
}

/** A webhook that a file manages is not changed here. */
function ofFile(webhook) {
  return h('div', { class: 'form-page' }, head(`Edit ${webhookName(webhook)}`),
    note('The file ', h('b', null, webhook.file), ' manages this webhook as ', h('b', null, webhook.name), ': change it there, and apply the file.'),
    linkButton(`#/webhooks/${webhook.id}`, 'Back'));
}

function build(view, { data: webhook, etag }, known, all, others) {
  const url = h('input', { name: 'targetUrl', type: 'url', list: 'urls', required: true, autocomplete: 'off', spellcheck: 'false',
    placeholder: 'https://example.org/hook', value: webhook?.targetUrl ?? '' });
  const description = h('input', { name: 'description', type: 'text', maxlength: 1000, autocomplete: 'off', value: webhook?.description ?? '' });
  const operations = eventRows(webhook?.operations ?? ['*.*'], known);
  const inTwenty = webhook?.source === 'twenty';
  const fields = controls(all.filter((setting) => isOurs(setting, webhook)), webhook);
  const secret = webhook ? null : secretChoice('Signature',
    'With the secret, receivers verify that a request comes from here. It is shown once, after you save.', { unsigned: true });
  const workspace = webhook || who().workspace !== null ? null : h('input', { name: 'workspace', type: 'text', maxlength: 200, autocomplete: 'off' });

  let duplicate = false;

  /** Only changed fields, so that other people's edits to other fields stay. */
  function changes() {
    const given = inTwenty ? {} : { targetUrl: url.value.trim(), description: description.value.trim() || null, operations: operations.value() };
    const body = Object.fromEntries(Object.entries(given)
      .filter(([name, value]) => !webhook || JSON.stringify(value) !== JSON.stringify(webhook[name] ?? null)));
    for (const { setting, value } of fields) {
      value() !== undefined && (body[setting.name] = value());
    }
    workspace?.value && (body.workspace = workspace.value);
    return { ...body, ...secret?.value(), ...(duplicate && { duplicate }) };
  }

  async function save(version) {
    if (webhook) {
      await call('PATCH', `/rest/webhooks/${webhook.id}`, { body: changes(), etag: version });
      toast('Saved. It holds from the next change on');
      location.hash = `#/webhooks/${webhook.id}`;
    } else {
      const { data } = await call('POST', '/rest/webhooks', { body: changes() });
      shownOnceAt(data.id, data.secret);
      location.hash = `#/webhooks/${data.id}`;
    }
  }

  const tells = new Set(['targetUrl', 'operations', 'workspace', ...all.filter(({ shape }) => shape).map(({ name }) => name)]);
  const results = h('div', { 'aria-live': 'polite' });

  /** Shows what would become of past events; nothing is saved. */
  async function attempt() {
    clear(element);
    const given = Object.entries(changes()).filter(([name, value]) => tells.has(name) && !(name === 'targetUrl' && value === ''));
    try {
      refill(results, tried(await post(`/rest/webhooks/${webhook ? `${webhook.id}/` : ''}try`, Object.fromEntries(given))));
      results.firstChild.focus();
    } catch (e) {
      results.replaceChildren();
      if (!e.errors?.length) {
        throw e;
      }
      showError(element, e);
    }
  }

  const back = webhook ? `#/webhooks/${webhook.id}` : '#/webhooks';
  const element = form({ class: 'card', save: async () => {
    try {
      await save(etag);
    } catch (e) {
      if (!(e instanceof ApiError) || (e.status !== 412 && e.status !== 409)) {
        throw e;
      }
      element.querySelector('.conflict')?.remove();
      element.lastElementChild.before(e.status === 409 ? twin(() => {
        duplicate = true;
        return save(etag);
      }) : await conflict(webhook, changes(), save, view.reload));
      element.querySelector('.conflict button').focus();
    }
  } },
  inTwenty ? note('Made in Twenty: its URL, events, description and secret are changed there, in ', h('b', null, 'Settings > APIs & Webhooks'), '. Here you set how it is served.') : [
    field('URL', url, who().workspace === null
      ? 'It gets a POST for each change, and must answer with any 2xx. Or route:NAME, which calls your own route target-NAME.'
      : 'It gets a POST for each change, and must answer with any 2xx.'),
    datalist('urls', [...new Set(others.map(({ targetUrl }) => targetUrl))]),
    field('Description', description, 'Your name for it; optional.'),
    operations.node, fields.filter(({ setting }) => setting.shape).map(({ node }) => node),
    h('div', { class: 'field' }, h('div', { class: 'actions' }, button('Try', attempt),
      h('span', { class: 'hint' }, 'Shows what would become of the last 20 events. Nothing is sent or saved.')), results),
    secret?.node],
  h('details', inTwenty ? { open: true } : null, h('summary', null, inTwenty ? 'Settings' : 'More settings'),
    fields.filter(({ setting }) => !setting.shape).map(({ node }) => node),
    workspace && field('Workspace', workspace, 'The webhook gets changes from this workspace only, if the CRM has several.')),
  h('div', { class: 'actions' }, h('button', { type: 'submit', class: 'primary' }, webhook ? 'Save' : 'Make the webhook'),
    linkButton(back, 'Cancel')));
  return h('div', { class: 'form-page' }, head(webhook ? `Edit ${webhookName(webhook)}` : 'New webhook'), element);
}

/** Asks what to do when there is a webhook like it already. */
function twin(save) {
  const box = alertBox('Another webhook has the same URL and events. The receiver would get every change twice.',
    h('div', { class: 'actions' }, h('button', { type: 'button', onclick: async () => {
      try {
        await save();
      } catch (e) {
        box.replaceChildren(h('p', null, e.message));
      }
    } }, 'Save it anyway')));
  box.classList.add('conflict');
  return box;
}

/** Asks what to do when somebody else has saved in the meantime. */
async function conflict(before, mine, save, reload) {
  const now = await call('GET', `/rest/webhooks/${before.id}`);
  const theirs = Object.keys(now.data).filter((name) => name !== 'updatedAt'
    && JSON.stringify(now.data[name]) !== JSON.stringify(before[name]));
  const both = theirs.filter((name) => name in mine);
  const list = theirs.map((name) => `${name} is now ${JSON.stringify(now.data[name])}`).join('; ');
  const box = alertBox('Somebody else has changed this webhook since you opened it. None of your changes is saved yet.',
    h('p', null, list ? `Their changes: ${list}.` : 'No field that is shown here is different now.'),
    h('div', { class: 'actions' },
      h('button', { type: 'button', class: 'primary', onclick: async () => {
        try {
          await save(now.etag);
        } catch (e) {
          box.replaceChildren(h('p', null, e.message));
        }
      } }, both.length > 0 ? `Save mine over theirs (${both.join(', ')})` : 'Save my changes besides theirs'),
      h('button', { type: 'button', onclick: reload }, 'Drop mine and show theirs')));
  box.classList.add('conflict');
  return box;
}
