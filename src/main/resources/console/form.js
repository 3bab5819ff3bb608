/** Forms: fields with their labels and hints. An error of the server is shown at its field. */
import { h } from './dom.js';
import { alertBox } from './ui.js';

let made = 0;

/**
 * A control with its label, a hint, and a place for its error.
 *
 * @param control must have a name, which is the field's in the API
 */
export function field(label, control, hint = null) {
  control.id ||= `field-${++made}`;
  if (hint) {
    control.setAttribute('aria-describedby', `${control.id}-hint`);
  }
  return h('div', { class: control.type === 'datetime-local' ? 'field time' : 'field', 'data-field': control.getAttribute('name') },
    h('label', { htmlFor: control.id }, label), control,
    hint && h('p', { class: 'hint', id: `${control.id}-hint` }, hint));
}

/** Several controls under one name. */
export const group = (name, label, hint, ...content) => h('fieldset', { class: 'field', 'data-field': name },
  h('legend', null, label), hint && h('p', { class: 'hint' }, hint), content);

export const select = (name, value, options) => h('select', { name },
  options.map(([key, text]) => h('option', { value: key, selected: key === value }, text)));

export const datalist = (id, values) => h('datalist', { id }, values.map((value) => h('option', { value })));

/** A form that saves by script, and shows errors in itself. */
export function form({ save, ...attributes }, ...content) {
  const element = h('form', { ...attributes, novalidate: true, onsubmit: async (event) => {
    event.preventDefault();
    clear(element);
    const submit = element.querySelector('[type=submit]');
    submit && (submit.disabled = true);
    try {
      await save(event);
    } catch (e) {
      if (e.name !== 'AbortError') {
        showError(element, e);
      }
    } finally {
      submit && (submit.disabled = false);
    }
  } }, content);
  return element;
}

/** Takes the errors away. */
export function clear(element) {
  element.querySelectorAll('.error, :scope > .alert').forEach((one) => one.remove());
  element.querySelectorAll('[aria-invalid]').forEach((one) => {
    one.removeAttribute('aria-invalid');
    one.setAttribute('aria-describedby', `${one.id}-hint`);
  });
}

/** Shows each error at its field, or at the part that its message begins with; others stand at the end of the form. */
export function showError(element, error) {
  clear(element);
  const homeless = [];
  const at = (name) => element.querySelector(`[data-field="${CSS.escape(name)}"]`);
  for (const { field: name, message } of error.errors ?? []) {
    const place = at(`${name}.${message.split(/\W/)[0]}`) ?? at(name);
    place ? mark(place, message) : homeless.push(`${name} ${message}`);
  }
  if (!error.errors?.length) {
    homeless.push(error.message);
  }
  if (homeless.length > 0) {
    element.insertBefore(alertBox(homeless.join('; ')), element.querySelector(':scope > .actions'));
  }
  element.querySelector('[aria-invalid], .error')?.focus();
}

function mark(place, message) {
  const control = place.querySelector('input, select, textarea');
  const id = `${control?.id || place.dataset.field}-error`;
  place.closest('details')?.setAttribute('open', '');
  place.append(h('p', { class: 'error', id }, message));
  control?.setAttribute('aria-invalid', 'true');
  control?.setAttribute('aria-describedby', `${id} ${control.id}-hint`);
}

/**
 * A row of filters, kept in the address. A choice counts at once, a text when it is left or Enter is pressed.
 *
 * @param controls name, label, kind (text, time, or a list of options)
 * @param apply called after a change
 */
export function filters(view, controls, apply) {
  const inputs = controls.map(({ name, label, kind, list, placeholder, read, write }) => {
    const value = view.query.get(name) ?? '';
    const input = Array.isArray(kind) ? select(name, value, kind)
      : h('input', { name, list, placeholder, type: kind === 'time' ? 'datetime-local' : 'search', value: write ? write(value) : value });
    return { name, input, read: read ?? ((text) => text.trim()), node: field(label, input) };
  });
  const changed = () => {
    view.setQuery(Object.fromEntries(inputs.map(({ name, input, read }) => [name, read(input.value)])));
    return apply();
  };
  const bar = form({ class: 'filters', role: 'search', save: changed, onchange: () => bar.requestSubmit() },
    inputs.map(({ node }) => node),
    h('button', { type: 'button', class: 'small', onclick: () => {
      inputs.forEach(({ input }) => { input.value = ''; });
      bar.requestSubmit();
    } }, 'Clear'));
  return bar;
}
