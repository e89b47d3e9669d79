//! Scripts that look things up in the page, as a person or a screen reader would.

/// Whether the program has drawn its first picture.
pub const DRAWN: &str = "return performance.getEntriesByName('drawn').length > 0";

/// The visible control in region `arguments[0]` with the name `arguments[1]`.
pub const CONTROL: &str = "
const [region, name] = arguments;
const kinds = 'button, a[href], summary, label, option, input[type=checkbox], input[type=radio], ' +
  '[role=button], [role=tab], [role=menuitem], [role=menuitemradio], [role=option], [role=switch]';
const tidy = (text) => (text ?? '').replace(/\\s+/g, ' ').trim();
const said = (element) => element.innerText ?? element.textContent;
const names = (element) => [element.getAttribute('aria-label'), said(element), element.title].map(tidy);
const lines = (element) => said(element).split('\\n').map(tidy);
const shown = (element) => element.getClientRects().length > 0 && !element.disabled;
const places = [...document.querySelectorAll(region)];
const controls = places.flatMap((place) => [...place.querySelectorAll(kinds)]).filter(shown);
return controls.find((control) => names(control).includes(name)) ??
  controls.find((control) => lines(control).includes(name)) ?? null;";

/// The first visible element that the selector `arguments[0]` finds.
pub const FIRST: &str = "
const shown = (element) => element.getClientRects().length > 0;
return [...document.querySelectorAll(arguments[0])].find(shown) ?? null;";

/// The visible form field whose label is `arguments[0]`.
pub const FIELD: &str = "
const label = arguments[0];
const tidy = (text) => (text ?? '').replace(/\\s+/g, ' ').trim();
const byId = (field) => (field.getAttribute('aria-labelledby') ?? '').split(' ')
  .map((id) => document.getElementById(id)?.innerText).join(' ');
const names = (field) => [field.getAttribute('aria-label'), byId(field), field.placeholder,
  ...[...(field.labels ?? [])].map((label) => label.innerText)].map(tidy);
const shown = (field) => field.getClientRects().length > 0;
const fields = [...document.querySelectorAll('input, textarea, select')].filter(shown);
return fields.find((field) => names(field).includes(label)) ??
  fields.find((field) => names(field).some((name) => name.startsWith(label))) ?? null;";

/// Selects everything in the field with the focus.
pub const SELECT_ALL: &str = "document.activeElement?.select?.()";

/// Chooses the entry `arguments[1]` of the list labelled `arguments[0]`; whether there is one.
pub const CHOOSE: &str = "
const [label, entry] = arguments;
const tidy = (text) => (text ?? '').replace(/\\s+/g, ' ').trim();
const names = (list) => [list.getAttribute('aria-label'), ...[...list.labels].map((one) => one.innerText)].map(tidy);
const lists = [...document.querySelectorAll('select')];
const list = lists.find((list) => names(list).some((name) => name.startsWith(label)));
const option = [...(list?.options ?? [])].find((option) => tidy(option.text) === entry);
if (!option) return false;
list.value = option.value;
list.dispatchEvent(new Event('input', { bubbles: true }));
list.dispatchEvent(new Event('change', { bubbles: true }));
return true;";

/// The input of the terminal in front, which gets the focus. It is labelled `Terminal …`.
pub const TERMINAL_INPUT: &str = "
const shown = (element) => element.getClientRects().length > 0 && !element.disabled;
const inputs = [...document.querySelectorAll('input, textarea')].filter(shown)
  .filter((input) => (input.getAttribute('aria-label') ?? '').startsWith('Terminal'));
const input = inputs.find((input) => input === document.activeElement) ?? inputs[0] ?? null;
input?.focus();
return input;";

/// The text of the terminal in front: its log, around or before the input labelled `Terminal …`.
pub const TERMINAL_TEXT: &str = "
const shown = (element) => element.getClientRects().length > 0;
const inputs = [...document.querySelectorAll('[aria-label^=Terminal]')].filter(shown);
const input = inputs.find((input) => input === document.activeElement) ?? inputs[0];
let place = input;
while (place && !place.querySelector('[role=log]')) place = place.parentElement;
return place?.querySelector('[role=log]')?.innerText ?? '';";

/// Pastes `arguments[1]` into the element `arguments[0]`, as the browser would.
pub const PASTE: &str = "
const [element, text] = arguments;
const data = new DataTransfer();
data.setData('text/plain', text);
const paste = new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
if (element.dispatchEvent(paste)) document.execCommand('insertText', false, text);";

/// The name of what has the focus.
pub const FOCUSED: &str = "
const element = document.activeElement;
const tidy = (text) => (text ?? '').replace(/\\s+/g, ' ').trim();
return tidy(element?.getAttribute('aria-label')) || tidy(element?.innerText).slice(0, 80) || element?.tagName || '';";

/// The visible text of the first element that the selector `arguments[0]` finds.
pub const TEXT_OF: &str = "return document.querySelector(arguments[0])?.innerText ?? ''";

/// The attribute `arguments[1]` of the first element that the selector `arguments[0]` finds.
pub const ATTRIBUTE: &str =
    "return document.querySelector(arguments[0])?.getAttribute(arguments[1]) ?? null";
