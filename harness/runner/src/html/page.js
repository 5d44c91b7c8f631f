(() => {
  'use strict';
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId('data').textContent);
  const PAGE = 100;
  // The order of a row's fields is that of its writer.
  const CASE = 0, AXES = 1, VERDICT = 2, TONE = 3, TOOK = 4, TOLD = 5, NEEDS = 6, GRID = 7, ID = 8;
  const [ID_OF, THEME, RULES, SAYS] = [0, 1, 2, 3];
  const RECORDED = data.tones.indexOf('recorded');
  const WRONG = data.tones.indexOf('outdated');

  const rows = [];
  for (const block of document.querySelectorAll('script.rows')) {
    for (const row of JSON.parse(block.textContent)) rows.push(row);
  }
  const blocks = document.querySelectorAll('script.bodies');
  // Blocks of charts are read when the first of them is opened, and the last few stay.
  const read = new Map();
  const body = (index) => {
    const number = Math.floor(index / data.block);
    let block = read.get(number);
    if (!block) {
      block = JSON.parse(blocks[number].textContent);
      read.set(number, block);
      if (read.size > 8) read.delete(read.keys().next().value);
    }
    return block[index % data.block];
  };
  let about = null;
  const demanded = (index) => {
    about ??= JSON.parse(byId('about').textContent);
    return about[rows[index][CASE]] ?? '';
  };

  const caseOf = (row) => data.cases[row[CASE]] ?? ['', 0, [], ''];
  const idOf = (row) => (row[ID].startsWith(' ') ? row[ID].slice(1) : caseOf(row)[ID_OF] + row[ID]);
  const axesOf = (row) => data.axes[row[AXES]] ?? ['', ''];
  const nameOf = (row) => (data.axes.length > 1 ? `${idOf(row)} @${axesOf(row)[0]}` : idOf(row));
  const toldOf = (row) => (row[TOLD] === null ? '' : data.texts[row[TOLD]]);
  const took = (ms) => (ms >= 10000 ? `${(ms / 1000).toFixed(1)} s` : ms >= 10 ? `${Math.round(ms)} ms` : `${ms.toFixed(1)} ms`);

  // What a search looks into, made when somebody first searches.
  let texts = null;
  const textOf = (index) => {
    texts ??= rows.map((row) => {
      const about = caseOf(row);
      const rules = about[RULES].map((rule) => data.rules[rule]).join(' ');
      return `${nameOf(row)}\n${axesOf(row)[0]}\n${about[SAYS]}\n${toldOf(row)}\n${rules}`.toLowerCase();
    });
    return texts[index];
  };

  const filter = byId('filter');
  const search = byId('search');
  const list = byId('list');
  const more = byId('more');
  const found = byId('found');
  const selects = {};
  for (const name of ['verdict', 'theme', 'rule', 'needs', 'axes']) selects[name] = byId(`by-${name}`);
  // Set by a link alone: fields of the grid, and one cell by its name.
  let grid = [];
  let only = '';

  const options = (name, words, counts) => {
    for (const [value, word] of words) {
      const count = counts.get(value) ?? 0;
      if (count > 0) selects[name].append(new Option(`${word} (${count})`, value));
    }
  };
  const count = (counts, key) => counts.set(key, (counts.get(key) ?? 0) + 1);
  const fill = () => {
    const [verdicts, themes, rules, needs, axes] = [new Map(), new Map(), new Map(), new Map(), new Map()];
    for (const row of rows) {
      count(verdicts, data.verdicts[row[VERDICT]]);
      if (row[TONE] >= WRONG) count(verdicts, 'wrong');
      if (row[TONE] === RECORDED) count(verdicts, 'recorded');
      const about = caseOf(row);
      count(themes, data.themes[about[THEME]]);
      for (const rule of about[RULES]) count(rules, data.rules[rule]);
      for (const need of row[NEEDS]) count(needs, data.needs[need]);
      count(axes, String(row[AXES]));
    }
    const same = (words) => words.map((word) => [word, word]);
    options('verdict', [['wrong', 'not as it should be'], ...same(data.verdicts), ['recorded', 'only recorded']], verdicts);
    options('theme', same(data.themes), themes);
    options('rule', same(data.rules), rules);
    options('needs', same(data.needs), needs);
    options('axes', data.axes.map(([name], place) => [String(place), name || 'its own']), axes);
    for (const select of Object.values(selects)) select.parentElement.hidden = select.options.length < 2;
    if (data.axes.length < 2) selects.axes.parentElement.hidden = true;
  };

  // The worst first; among their like in the order of the plan.
  const order = rows.map((_, index) => index).sort((a, b) => rows[b][TONE] - rows[a][TONE] || a - b);
  let matching = order;
  let shown = 0;

  const matches = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const { verdict, theme, rule, needs, axes } = Object.fromEntries(Object.entries(selects).map(([name, select]) => [name, select.value]));
    const places = { theme: data.themes.indexOf(theme), rule: data.rules.indexOf(rule), needs: data.needs.indexOf(needs) };
    return order.filter((index) => {
      const row = rows[index];
      const about = caseOf(row);
      return (!verdict || (verdict === 'wrong' ? row[TONE] >= WRONG : verdict === 'recorded' ? row[TONE] === RECORDED : data.verdicts[row[VERDICT]] === verdict)) &&
        (!theme || about[THEME] === places.theme) &&
        (!rule || about[RULES].includes(places.rule)) &&
        (!needs || row[NEEDS].includes(places.needs)) &&
        (!axes || row[AXES] === Number(axes)) &&
        (!grid.length || grid.some((number) => row[GRID].includes(number))) &&
        (!only || nameOf(row) === only) &&
        words.every((word) => textOf(index).includes(word));
    });
  };

  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  };

  const item = (index) => {
    const row = rows[index];
    const tone = data.tones[row[TONE]];
    const details = element('details', `cell ${tone}`);
    const summary = element('summary', 'row');
    summary.tabIndex = -1;
    summary.append(
      element('span', `badge ${tone}`, data.verdicts[row[VERDICT]]), ' ',
      element('span', 'name', nameOf(row)), ' ',
      element('span', 'took', took(row[TOOK])), ' ',
      element('span', 'told', toldOf(row)),
    );
    details.append(summary);
    details.addEventListener('toggle', () => {
      if (details.open && !details.querySelector('.body')) details.append(opened(index));
    });
    return details;
  };

  const opened = (index) => {
    const whole = byId(`c${index}`)?.querySelector('.body');
    if (whole) return whole.cloneNode(true);
    const made = element('div', 'body');
    const came = body(index);
    // Both parts were made, and every text in them escaped, by the writer of this page.
    made.innerHTML = (came ?? '<div class="came"></div>') + demanded(index);
    if (came === null) {
      const row = rows[index];
      const part = made.querySelector('.came');
      const skipped = data.tones[row[TONE]] === 'skipped';
      part.append(element('p', 'reason', skipped ? `Skipped: ${toldOf(row)}` : 'Its chart is not in this page; the results have it.'));
      const facts = element('dl', 'facts');
      const command = element('dd', 'command');
      const quoted = /^[-\w./:=@,+]+$/.test(idOf(row)) ? idOf(row) : `'${idOf(row).replaceAll("'", `'\\''`)}'`;
      command.append(element('code', '', `${axesOf(row)[1]} --exact ${quoted}`));
      facts.append(element('dt', '', 'again'), command);
      part.append(facts);
    }
    return made;
  };

  const extend = () => {
    const part = document.createDocumentFragment();
    for (const index of matching.slice(shown, shown + PAGE)) part.append(item(index));
    shown = Math.min(shown + PAGE, matching.length);
    list.append(part);
    more.hidden = shown >= matching.length;
    if (!list.querySelector('summary[tabindex="0"]')) {
      const first = list.querySelector('summary');
      if (first) first.tabIndex = 0;
    }
  };

  const gridNames = () => grid.map((number) => data.grid[number]).filter(Boolean);
  const render = () => {
    matching = matches();
    shown = 0;
    list.replaceChildren();
    found.replaceChildren(`${matching.length} of ${rows.length} cells`);
    const dropped = (text, drop) => {
      const button = element('button', 'drop', `${text} ×`);
      button.type = 'button';
      button.setAttribute('aria-label', `No longer only ${text}`);
      button.addEventListener('click', () => { drop(); change(); });
      found.append(button);
    };
    if (grid.length) dropped(gridNames().join('; ') || 'a field of the grid', () => { grid = []; });
    if (only) dropped(only, () => { only = ''; });
    extend();
    // Who came for one cell wants to see it.
    if (only && matching.length === 1) list.querySelector('details').open = true;
  };

  // The address holds what is filtered, so that it can be passed on.
  const change = () => {
    const words = new URLSearchParams();
    if (search.value) words.set('q', search.value);
    for (const [name, select] of Object.entries(selects)) if (select.value) words.set(name, select.value);
    if (grid.length) words.set('grid', grid.join(','));
    if (only) words.set('cell', only);
    const hash = words.toString();
    try { history.replaceState(null, '', hash ? `#${hash}` : location.pathname + location.search); } catch { /* Some viewers keep their address. */ }
    render();
  };

  const NAMES = ['q', 'verdict', 'theme', 'rule', 'needs', 'axes', 'grid', 'cell'];
  const follow = (jump) => {
    const words = new URLSearchParams(location.hash.slice(1));
    // The bare name of a section is none of a filter.
    if (!NAMES.some((name) => location.hash.includes(`${name}=`))) {
      const aim = /^#c\d+$/.test(location.hash) ? byId(location.hash.slice(1)) : null;
      if (aim) aim.open = true;
      return false;
    }
    search.value = words.get('q') ?? '';
    for (const [name, select] of Object.entries(selects)) {
      select.value = words.get(name) ?? '';
      if (select.selectedIndex < 0) select.value = '';
    }
    grid = (words.get('grid') ?? '').split(',').filter((word) => /^\d+$/.test(word)).map(Number);
    only = words.get('cell') ?? '';
    render();
    if (jump) {
      byId('cells').scrollIntoView();
      list.focus({ preventScroll: true });
    }
    return true;
  };

  const clear = () => {
    search.value = '';
    for (const select of Object.values(selects)) select.value = '';
    grid = [];
    only = '';
    change();
  };

  filter.addEventListener('submit', (event) => event.preventDefault());
  let typing = 0;
  search.addEventListener('input', () => { clearTimeout(typing); typing = setTimeout(change, 80); });
  for (const select of Object.values(selects)) select.addEventListener('change', change);
  byId('clear').addEventListener('click', clear);
  more.addEventListener('click', extend);
  new IntersectionObserver((seen) => { if (seen.some((entry) => entry.isIntersecting) && !more.hidden) extend(); }, { rootMargin: '600px' }).observe(more);
  window.addEventListener('hashchange', () => follow(true));

  // Light, dark, or as the system is.
  const themes = ['auto', 'light', 'dark'];
  const theme = byId('theme');
  const wear = (name) => {
    if (name === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = name;
    theme.textContent = `Theme: ${name}`;
  };
  const kept = () => { try { return localStorage.getItem('oplock-theme'); } catch { return null; } };
  let worn = themes.includes(kept()) ? kept() : 'auto';
  const turn = () => {
    worn = themes[(themes.indexOf(worn) + 1) % themes.length];
    wear(worn);
    try { localStorage.setItem('oplock-theme', worn); } catch { /* It lasts as long as the page then. */ }
  };
  theme.addEventListener('click', turn);
  wear(worn);

  const help = byId('help');
  const keys = byId('keys');
  const explain = (show) => {
    help.hidden = !show;
    keys.setAttribute('aria-expanded', String(show));
    if (show) help.scrollIntoView({ block: 'nearest' });
  };
  keys.addEventListener('click', () => explain(help.hidden));

  // A cell of the list or of the failures, whichever the reader is at.
  const move = (by) => {
    const at = document.activeElement.closest?.('details.cell');
    const within = at && !list.contains(at) ? byId('wrong') : list;
    const all = [...within.querySelectorAll('summary.row')];
    let next = at ? all.indexOf(at.querySelector('summary.row')) + by : 0;
    if (next >= all.length && within === list && !more.hidden) {
      extend();
      all.push(...[...list.querySelectorAll('summary.row')].slice(all.length));
    }
    next = Math.max(0, Math.min(next, all.length - 1));
    const aim = all[next];
    if (!aim) return;
    if (within === list) {
      for (const summary of list.querySelectorAll('summary[tabindex="0"]')) summary.tabIndex = -1;
      aim.tabIndex = 0;
    }
    aim.focus({ preventScroll: true });
    aim.scrollIntoView({ block: 'nearest' });
  };

  // Within the grid, arrows go to the next field that has a number.
  const cross = (link, key) => {
    const field = link.closest('td');
    const row = field.parentElement;
    const [right, down] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[key];
    const lines = row.parentElement.rows;
    for (let x = field.cellIndex + right, y = row.sectionRowIndex + down; lines[y]?.cells[x]; x += right, y += down) {
      const next = lines[y].cells[x].querySelector('a');
      if (!next) continue;
      link.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
      return;
    }
  };
  for (const heat of document.querySelectorAll('.heat')) {
    const first = heat.querySelector('td a');
    if (first) first.tabIndex = 0;
  }

  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = event.target;
    if (event.key === 'Escape') {
      if (at === search && search.value) clear();
      else if (!help.hidden) explain(false);
      else {
        const open = at.closest?.('details[open]');
        if (open) { open.open = false; open.querySelector('summary').focus(); } else at.blur?.();
      }
      return;
    }
    if (at.matches?.('input, select, textarea')) return;
    if (at.matches?.('.heat a') && event.key.startsWith('Arrow')) {
      event.preventDefault();
      cross(at, event.key);
      return;
    }
    // A box that scrolls keeps its arrows.
    const arrows = !at.closest?.('.scroll, .chart, pre');
    const action = {
      '/': () => { search.focus(); search.select(); },
      j: () => move(1), k: () => move(-1),
      ...(arrows && (at.matches?.('summary.row') || at === list) ? { ArrowDown: () => move(1), ArrowUp: () => move(-1) } : {}),
      t: turn,
      '?': () => explain(help.hidden),
    }[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });

  // A command is one click away from the clipboard.
  document.addEventListener('click', async (event) => {
    const command = event.target.closest?.('.command');
    if (!command || !navigator.clipboard || String(getSelection())) return;
    const code = command.querySelector('code');
    try { await navigator.clipboard.writeText(code.textContent); } catch { return; }
    code.title = 'copied';
  });

  fill();
  filter.hidden = false;
  byId('tools').hidden = false;
  if (!follow(true)) render();
  document.documentElement.dataset.ready = 'yes';
})();
