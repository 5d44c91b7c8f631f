//! report.html as a reader sees it, in a real browser: chromium, headless, driven through WebDriver.

#[path = "browser/driver.rs"]
mod driver;
#[path = "browser/pages.rs"]
mod pages;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use driver::Browser;
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use oplock_runner::exit::Standing;
use oplock_runner::record::Brief;
use oplock_runner::verdict::Verdict;
use serde_json::{Value, json};

/// A browser wants a core of its own.
const TRIALS_AT_A_TIME: usize = 2;
/// The design wants two seconds; a machine that does much else gets this.
const OPENS_WITHIN: Duration = Duration::from_secs(10);
/// The names of the cells that the list shows.
const NAMES: &str = "[...document.querySelectorAll('#list .name')].map(name => name.textContent)";
/// Which element has the focus, told by its cell.
const FOCUSED: &str =
    "document.activeElement.querySelector('.name')?.textContent ?? document.activeElement.id";

fn main() -> ExitCode {
    let absent = driver::absent();
    let trials = vec![
        trial("loads", &absent, it_loads_without_a_word_and_asks_nobody),
        trial("filters", &absent, filters_and_search_leave_what_they_say),
        trial("opens", &absent, a_cell_opens_with_its_chart),
        trial("addresses", &absent, an_address_holds_what_is_filtered),
        trial("grid", &absent, a_field_of_the_grid_lists_its_cells),
        trial("keys", &absent, everything_is_done_by_keyboard),
        trial("dark", &absent, it_is_light_or_dark_as_one_likes),
        trial("without-script", &absent, failures_are_read_without_the_script),
        trial("hostile", &absent, texts_stay_texts),
        trial("narrow", &absent, a_phone_shows_it_without_scrolling_aside),
        trial("corpus", &absent, the_whole_corpus_opens_soon),
        trial("fifty-thousand", &absent, a_night_of_cells_stays_small),
        trial("all-wrong", &absent, a_server_that_is_all_wrong_is_readable),
        trial("screenshots", &absent, people_may_look_at_it),
    ];
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(TRIALS_AT_A_TIME);
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trial(
    name: &str,
    absent: &Option<String>,
    run: fn(&tempfile::TempDir) -> Result<(), Failed>,
) -> Trial {
    let absent = absent.clone();
    let ignored = absent.is_some() && std::env::var_os("NEXTEST").is_some();
    let trial = Trial::ignorable_test(format!("browser/{name}"), move || match absent {
        Some(reason) => Ok(Completion::ignored_with(reason)),
        None => run(&tempfile::tempdir()?).map(|()| Completion::Completed),
    });
    trial.with_ignored_flag(ignored)
}

fn it_loads_without_a_word_and_asks_nobody(folder: &tempfile::TempDir) -> Result<(), Failed> {
    let page = pages::every_kind(folder.path())?;
    let browser = Browser::start(1280, 900)?;
    browser.open(&page)?;
    browser.expect("document.documentElement.dataset.ready", json!("yes"))?;
    browser.expect("document.querySelectorAll('#wrong .cell').length > 20", json!(true))?;
    nothing_is_wrong(&browser)?;
    let requests = browser.requests()?;
    let page = format!("file://{}", page.display());
    if requests.is_empty() || requests.iter().any(|asked| *asked != page && asked != "data:,") {
        return Err(format!("it asked for {requests:?}").into());
    }
    Ok(())
}

fn filters_and_search_leave_what_they_say(folder: &tempfile::TempDir) -> Result<(), Failed> {
    let browser = shown(&pages::every_kind(folder.path())?)?;
    let found = "document.getElementById('found').firstChild.textContent";
    let record = pages::record_of_every_kind()?;
    let all = record.cells.len();
    let some = |chosen: &dyn Fn(&Brief) -> bool| {
        let count = record.cells.iter().filter(|brief| chosen(brief)).count();
        json!(format!("{count} of {all} cells"))
    };
    browser.expect(found, some(&|_| true))?;
    // The worst stands first.
    browser.expect("document.querySelector('#list .badge').className", json!("badge red"))?;
    choose(&browser, "verdict", "flaky")?;
    browser.expect(found, some(&|brief| brief.verdict == Verdict::Flaky))?;
    choose(&browser, "axes", "1")?;
    browser.expect(NAMES, json!(["oplock/batch/now-and-then @smb2_1,unsigned"]))?;
    browser.click("#clear")?;
    browser.expect(found, some(&|_| true))?;
    let theme =
        |brief: &Brief| record.case(brief).is_some_and(|case| case.suite == "lease/upgrade");
    for (select, value, some) in [
        ("verdict", "wrong", some(&|brief| brief.standing.is_wrong())),
        ("verdict", "recorded", some(&|brief| brief.standing == Standing::Tolerated)),
        ("verdict", "known deviation", some(&|brief| brief.verdict == Verdict::KnownDeviation)),
        ("theme", "lease/upgrade", some(&theme)),
        ("needs", "directory_lease", some(&|brief| brief.cell == "lease/upgrade/in-a-directory")),
    ] {
        choose(&browser, select, value)?;
        browser.expect(found, some)?;
        browser.click("#clear")?;
    }
    let rule = browser.read("document.getElementById('by-rule').options[1].value")?;
    choose(&browser, "rule", rule.as_str().unwrap_or_default())?;
    browser.expect(
        "Number(document.getElementById('found').textContent.split(' ')[0]) > 0",
        json!(true),
    )?;
    browser.click("#clear")?;
    // Every word has to be somewhere; letters of either case are the same.
    browser.click("#search")?;
    browser.press("ANSWERED-early unsigned")?;
    browser.expect(NAMES, json!(["oplock/batch/answered-early @smb2_1,unsigned"]))?;
    browser.press("nowhere")?;
    browser.expect(found, some(&|_| false))?;
    nothing_is_wrong(&browser)
}

fn a_cell_opens_with_its_chart(folder: &tempfile::TempDir) -> Result<(), Failed> {
    let browser = shown(&pages::every_kind(folder.path())?)?;
    choose(&browser, "verdict", "pass")?;
    browser.click("#list summary")?;
    let open = "#list .cell[open] .body";
    let text = format!("document.querySelector('{open}').innerText");
    for wanted in ["--exact", "MS-", "must", "cases/"] {
        browser.expect(&format!("{text}.includes('{wanted}')"), json!(true))?;
    }
    // A picture with lanes, calls and a break, that is as large as it looks.
    for part in ["text.actor", "path.life", "path.call", "path.answer", "path.break", "path.ack"] {
        let there = format!("document.querySelector('{open} svg.lanes {part}') !== null");
        browser.expect(&there, json!(true))?;
    }
    let tall =
        format!("document.querySelector('{open} svg.lanes').getBoundingClientRect().height > 80");
    browser.expect(&tall, json!(true))?;
    // A failure is marked, with what was expected beside what was observed.
    browser.click("#clear")?;
    choose(&browser, "verdict", "fail")?;
    browser.click("#list summary")?;
    browser.expect(
        &format!("document.querySelectorAll('{open} svg.lanes rect.hit').length"),
        json!(1),
    )?;
    browser.expect(&format!("document.querySelectorAll('{open} .pair dd').length"), json!(2))?;
    nothing_is_wrong(&browser)
}

fn an_address_holds_what_is_filtered(folder: &tempfile::TempDir) -> Result<(), Failed> {
    let page = pages::every_kind(folder.path())?;
    let browser = shown(&page)?;
    choose(&browser, "verdict", "flaky")?;
    browser.expect("location.hash", json!("#verdict=flaky"))?;
    // A link of the summary does the same, and words of two parts are one.
    browser.click("a[href='#verdict=known+deviation']")?;
    let record = pages::record_of_every_kind()?;
    let known =
        record.cells.iter().filter(|brief| brief.verdict == Verdict::KnownDeviation).count();
    browser.expect("document.querySelectorAll('#list .cell').length", json!(known))?;
    let name = "oplock/batch/refused @smb2_1,unsigned";
    browser.read(&format!("void (location.hash = 'cell=' + encodeURIComponent('{name}'))"))?;
    browser.expect(NAMES, json!([name]))?;
    browser.expect("document.querySelector('#list .cell').open", json!(true))?;
    browser.click("#found .drop")?;
    browser.expect("document.querySelectorAll('#list .cell').length", json!(record.cells.len()))?;
    nothing_is_wrong(&browser)
}

fn a_field_of_the_grid_lists_its_cells(folder: &tempfile::TempDir) -> Result<(), Failed> {
    let browser = shown(&pages::every_kind(folder.path())?)?;
    browser.expect("document.querySelectorAll('.heat').length", json!(2))?;
    // The way to a section is none to a field.
    browser.click("nav a[href='#grid']")?;
    browser.expect("location.hash", json!("#grid"))?;
    let seen = "Math.abs(document.getElementById('grid').getBoundingClientRect().top) < 200";
    browser.expect(seen, json!(true))?;
    browser.expect("document.querySelectorAll('#list .cell').length > 60", json!(true))?;
    // `exclusive` on its way to level II, acknowledged: twelve cells of the matrix, all of them wrong.
    browser.click(".heat a[title^='exclusive>ii x ack ii']")?;
    browser.expect("document.querySelectorAll('#list .cell').length", json!(12))?;
    browser.expect("document.querySelectorAll('#list .cell.red').length", json!(12))?;
    browser.expect(
        "document.querySelector('#found .drop').textContent",
        json!("exclusive>ii x ack ii ×"),
    )?;
    nothing_is_wrong(&browser)
}

fn everything_is_done_by_keyboard(folder: &tempfile::TempDir) -> Result<(), Failed> {
    const ENTER: &str = "\u{E007}";
    const ESCAPE: &str = "\u{E00C}";
    const DOWN: &str = "\u{E015}";
    const TAB: &str = "\u{E004}";
    let browser = shown(&pages::every_kind(folder.path())?)?;
    // The first stop leads past everything else.
    browser.press(TAB)?;
    browser.expect("document.activeElement.className", json!("skip"))?;
    browser.press("/")?;
    browser.expect(FOCUSED, json!("search"))?;
    browser.press("batch answered")?;
    browser.expect("document.querySelectorAll('#list .cell').length", json!(4))?;
    let names = browser.read(NAMES)?;
    // Letters that move do not move in a text.
    browser.press("jk")?;
    browser.expect(FOCUSED, json!("search"))?;
    browser.press(ESCAPE)?;
    browser.press("batch answered")?;
    browser.expect(NAMES, names.clone())?;
    // Out of the form, the list is next.
    browser.read("document.activeElement.blur()")?;
    browser.press("j")?;
    browser.expect(FOCUSED, names[0].clone())?;
    browser.press("j")?;
    browser.expect(FOCUSED, names[1].clone())?;
    browser.press(DOWN)?;
    browser.expect(FOCUSED, names[2].clone())?;
    browser.press("k")?;
    browser.expect(FOCUSED, names[1].clone())?;
    browser.press(ENTER)?;
    browser.expect("document.querySelectorAll('#list .cell[open] svg').length", json!(1))?;
    browser.press(ESCAPE)?;
    browser.expect("document.querySelectorAll('#list .cell[open]').length", json!(0))?;
    browser.expect(FOCUSED, names[1].clone())?;
    // Where the focus is can be seen.
    browser.expect("getComputedStyle(document.activeElement).outlineStyle", json!("solid"))?;
    browser.press("?")?;
    browser.expect("document.getElementById('help').hidden", json!(false))?;
    browser.press(ESCAPE)?;
    browser.expect("document.getElementById('help').hidden", json!(true))?;
    // One stop in each map; arrows do the rest.
    browser.expect("document.querySelectorAll('.heat a[tabindex=\"0\"]').length", json!(2))?;
    browser.read("document.querySelector('.heat a').focus()")?;
    let first = browser.read("document.activeElement.title")?;
    browser.press(DOWN)?;
    browser.expect(&format!("document.activeElement.title !== {first}"), json!(true))?;
    browser.expect("document.activeElement.matches('.heat a')", json!(true))?;
    nothing_is_wrong(&browser)
}

fn it_is_light_or_dark_as_one_likes(folder: &tempfile::TempDir) -> Result<(), Failed> {
    let browser = shown(&pages::every_kind(folder.path())?)?;
    let dark = "getComputedStyle(document.body).backgroundColor === 'rgb(20, 23, 27)'";
    browser.expect(dark, json!(false))?;
    let media =
        |scheme: &str| json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
    browser.devtools("Emulation.setEmulatedMedia", media("dark"))?;
    browser.expect(dark, json!(true))?;
    for (name, is_dark) in [("light", false), ("dark", true), ("auto", true)] {
        browser.click("#theme")?;
        browser.expect(
            "document.getElementById('theme').textContent",
            json!(format!("Theme: {name}")),
        )?;
        browser.expect(dark, json!(is_dark))?;
    }
    // Every text of a badge is told from what is behind it, as WCAG 2 wants it of small text.
    for scheme in ["light", "dark"] {
        browser.devtools("Emulation.setEmulatedMedia", media(scheme))?;
        browser.expect(CONTRAST, json!([]))?;
    }
    nothing_is_wrong(&browser)
}

/// The texts that are hard to tell from what is behind them, each with its contrast.
const CONTRAST: &str = "(() => {
    const light = colour => {
        const most = colour.startsWith('color(') ? 1 : 255;
        const parts = colour.match(/[\\d.]+/g).slice(0, 3).map(part => part / most);
        const [r, g, b] = parts.map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = element => {
        for (let at = element; at; at = at.parentElement) {
            const colour = getComputedStyle(at).backgroundColor;
            if (colour !== 'rgba(0, 0, 0, 0)') return colour;
        }
        return 'rgb(255, 255, 255)';
    };
    const texts = [...document.querySelectorAll('.badge, .dim, .told, .count, a, .verdict, .took')];
    return texts.filter(text => text.getClientRects().length).map(text => {
        const [one, other] = [light(getComputedStyle(text).color), light(behind(text))];
        return [(Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05), text];
    }).filter(([contrast]) => contrast < 4.5).map(([contrast, text]) => `${contrast} ${text.outerHTML.slice(0, 120)} ${behind(text)}`);
})()";

fn failures_are_read_without_the_script(folder: &tempfile::TempDir) -> Result<(), Failed> {
    let page = pages::every_kind(folder.path())?;
    let browser = Browser::start(1280, 900)?;
    browser.devtools("Emulation.setScriptExecutionDisabled", json!({"value": true}))?;
    browser.open(&page)?;
    browser.expect("document.documentElement.dataset.ready ?? 'never'", json!("never"))?;
    let body = "document.querySelector('main').textContent";
    let record = pages::record_of_every_kind()?;
    let failed = record.cells.iter().filter(|brief| brief.verdict == Verdict::Fail).count();
    let failed = format!("{failed} fail");
    for wanted in
        ["Does not conform", "no claim of core", &failed, "missing break (", "want JavaScript"]
    {
        browser.expect(&format!("{body}.includes('{wanted}')"), json!(true))?;
    }
    // What only the script could do is not there to be tried.
    browser.expect("document.getElementById('filter').getClientRects().length", json!(0))?;
    browser
        .expect("document.querySelectorAll('#wrong .cell svg.lanes').length > 40", json!(true))?;
    browser.click("#wrong .cell summary")?;
    let height =
        "document.querySelector('#wrong .cell svg.lanes').getBoundingClientRect().height > 80";
    browser.expect(height, json!(true))?;
    browser.expect(
        "document.querySelector('#wrong .cell .body').innerText.includes('--exact')",
        json!(true),
    )?;
    nothing_is_wrong(&browser)
}

fn texts_stay_texts(folder: &tempfile::TempDir) -> Result<(), Failed> {
    let page = pages::hostile(folder.path())?;
    let text = fs::read_to_string(&page)?;
    if let Some(hidden) =
        text.chars().find(|c| *c != '\n' && (c.is_control() || "\u{202e}\u{2028}".contains(*c)))
    {
        return Err(format!("{} is in the page", hidden.escape_unicode()).into());
    }
    let browser = shown(&page)?;
    browser.read(
        "void document.querySelectorAll('details').forEach(details => details.open = true)",
    )?;
    browser.expect("document.querySelectorAll('#list .cell .body').length", json!(4))?;
    browser.expect(
        "document.title.startsWith('oplock conformance: </script><script>')",
        json!(true),
    )?;
    browser.expect("document.querySelectorAll('img, iframe, object, embed').length", json!(0))?;
    browser.expect("document.querySelectorAll('script:not([type]), style').length", json!(2))?;
    browser.expect(
        "[...document.querySelectorAll('*')].filter(one => [...one.attributes].some(own => own.name.startsWith('on'))).length",
        json!(0),
    )?;
    browser.expect(
        "[...document.links].filter(link => !/^(#|pcap\\/[^/]*$|results\\.jsonl$|junit\\.xml$)/.test(link.getAttribute('href'))).length",
        json!(0),
    )?;
    // A list that is searched and filtered shows them as they are, too.
    browser.expect(
        "document.querySelector('#list .name').textContent.includes('<img src=x onerror')",
        json!(true),
    )?;
    browser.click("#search")?;
    browser.press("<script> {{7*7}}")?;
    browser.expect("document.querySelectorAll('#list .cell').length", json!(4))?;
    nothing_is_wrong(&browser)
}

fn a_phone_shows_it_without_scrolling_aside(folder: &tempfile::TempDir) -> Result<(), Failed> {
    let browser = shown(&pages::every_kind(folder.path())?)?;
    browser.resize(390, 844)?;
    browser.read(
        "void document.querySelectorAll('details').forEach(details => details.open = true)",
    )?;
    browser.expect("innerWidth", json!(390))?;
    let aside = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
    browser.expect(aside, json!(0))?;
    // What is wider than the screen scrolls in its own box.
    let within = "[...document.querySelectorAll('.chart')].some(chart => chart.scrollWidth > chart.clientWidth)";
    browser.expect(within, json!(true))?;
    nothing_is_wrong(&browser)
}

fn the_whole_corpus_opens_soon(folder: &tempfile::TempDir) -> Result<(), Failed> {
    let page = pages::corpus(folder.path())?;
    let browser = shown(&page)?;
    opened_soon(&browser, "the whole corpus", &page)?;
    browser.expect("document.querySelector('.verdict').className", json!("verdict pass"))?;
    browser.expect("document.getElementById('wrong')", Value::Null)?;
    // The last cell of the plan has its chart as the first one has.
    browser.expect("document.querySelectorAll('#list .cell').length >= 100", json!(true))?;
    browser.click("#search")?;
    browser.press("acknowledgement/lease/nothing-breaks")?;
    browser.expect("document.querySelectorAll('#list .cell').length < 100", json!(true))?;
    browser.read("document.activeElement.blur()")?;
    browser.read("void (document.querySelector('#list .cell').open = true)")?;
    browser.expect("document.querySelectorAll('#list svg.lanes').length", json!(1))?;
    nothing_is_wrong(&browser)
}

fn a_night_of_cells_stays_small(folder: &tempfile::TempDir) -> Result<(), Failed> {
    let page = pages::many(folder.path(), 50_000, 40)?;
    let size = fs::metadata(&page)?.len();
    if size > 60 << 20 {
        return Err(format!("{size} bytes").into());
    }
    let browser = shown(&page)?;
    opened_soon(&browser, "50,000 cells", &page)?;
    let found = "document.getElementById('found').firstChild.textContent";
    browser.expect(found, json!("50000 of 50000 cells"))?;
    browser.expect(
        "document.getElementById('left-out').innerText.includes('38750 cells')",
        json!(true),
    )?;
    choose(&browser, "verdict", "pass")?;
    browser.expect(found, json!("48750 of 50000 cells"))?;
    browser.read("void (document.querySelector('#list .cell').open = true)")?;
    browser.expect("document.querySelectorAll('#list svg.lanes').length", json!(1))?;
    // The last one has no chart here; it says so, and how to run it again.
    browser.click("#clear")?;
    browser.click("#search")?;
    browser.press("op=op-49999")?;
    browser.expect("document.querySelectorAll('#list .cell').length", json!(1))?;
    browser.read("void (document.querySelector('#list .cell').open = true)")?;
    let text = "document.querySelector('#list .cell .body').innerText";
    browser.expect(&format!("{text}.includes('chart is not in this page')"), json!(true))?;
    browser.expect(
        &format!("{text}.includes('--exact oplock/batch/matrix/held=batch,op=op-49999')"),
        json!(true),
    )?;
    nothing_is_wrong(&browser)
}

fn a_server_that_is_all_wrong_is_readable(folder: &tempfile::TempDir) -> Result<(), Failed> {
    let page = pages::many(folder.path(), 6_000, 1)?;
    let browser = shown(&page)?;
    opened_soon(&browser, "6,000 failures", &page)?;
    browser.expect("document.querySelectorAll('#wrong .cell').length", json!(1_000))?;
    browser.expect("document.querySelectorAll('#wrong .brief').length", json!(5_000))?;
    nothing_is_wrong(&browser)
}

fn people_may_look_at_it(folder: &tempfile::TempDir) -> Result<(), Failed> {
    let browser = shown(&pages::every_kind(folder.path())?)?;
    let kept = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("report-html");
    fs::create_dir_all(&kept)?;
    let dark = json!({"features": [{"name": "prefers-color-scheme", "value": "dark"}]});
    for (name, width, height, aim) in [
        ("wide", 1360, 1000, "summary"),
        ("wide-failure", 1360, 1000, "c16"),
        ("wide-grid", 1360, 1300, "grid"),
        ("narrow", 390, 844, "summary"),
        ("narrow-failure", 390, 844, "c16"),
        ("narrow-cells", 390, 844, "cells"),
    ] {
        browser.resize(width, height)?;
        browser.read(&format!("void (document.getElementById('{aim}').open = true)"))?;
        browser.read(&format!("document.getElementById('{aim}').scrollIntoView()"))?;
        browser.screenshot(&kept.join(format!("{name}.png")))?;
    }
    browser.devtools("Emulation.setEmulatedMedia", dark)?;
    for (name, aim) in [("dark", "summary"), ("dark-failure", "c16"), ("dark-grid", "grid")] {
        browser.resize(1360, 1000)?;
        browser.read(&format!("document.getElementById('{aim}').scrollIntoView()"))?;
        browser.screenshot(&kept.join(format!("{name}.png")))?;
    }
    println!("screenshots: {}", kept.display());
    nothing_is_wrong(&browser)
}

/// A browser with this page, once its script has come to its end.
fn shown(page: &std::path::Path) -> Result<Browser, Failed> {
    let browser = Browser::start(1280, 900)?;
    browser.open(page)?;
    browser.expect("document.documentElement.dataset.ready", json!("yes"))?;
    Ok(browser)
}

/// Prints how long the page took until it could be used, and fails where that was too long.
fn opened_soon(browser: &Browser, what: &str, page: &std::path::Path) -> Result<(), Failed> {
    let took = "performance.getEntriesByType('navigation')[0].loadEventEnd";
    browser.expect(&format!("{took} > 0"), json!(true))?;
    let took = browser.read(took)?.as_f64().unwrap_or(f64::MAX);
    let megabytes = fs::metadata(page)?.len() as f64 / f64::from(1 << 20);
    println!("{what}: {megabytes:.1} MiB, opened in {:.2} s", took / 1e3);
    if took > OPENS_WITHIN.as_secs_f64() * 1e3 {
        return Err(format!("{what} took {took} ms").into());
    }
    Ok(())
}

fn nothing_is_wrong(browser: &Browser) -> Result<(), Failed> {
    let messages = browser.messages()?;
    if messages.is_empty() { Ok(()) } else { Err(format!("the console says {messages:#?}").into()) }
}

/// Chooses an option as a person does: the page hears of it.
fn choose(browser: &Browser, select: &str, value: &str) -> Result<(), Failed> {
    let value = json!(value);
    browser.read(&format!(
        "(() => {{ const select = document.getElementById('by-{select}'); select.value = {value}; \
         select.dispatchEvent(new Event('change')); return select.value; }})()"
    ))?;
    browser.expect(&format!("document.getElementById('by-{select}').value"), value)
}
