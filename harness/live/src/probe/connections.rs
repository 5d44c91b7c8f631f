//! Dialects, second connections and channels, accounts, nodes, shares.

use std::collections::HashSet;

use oplock_model::{Access, Capability, Dialect, ShareKind, Status, TargetFault};
use oplock_wire::{CreateRequest, NegotiateResponse};

use super::handles::CONTINUOUS_AVAILABILITY;
use super::{FILE, PLAIN, answer};
use crate::axes;
use crate::connection::Negotiated;
use crate::folder::{Folder, opening};
use crate::place::{self, Place};
use crate::pool::Pool;
use crate::request::path_below;

/// SMB2_SHAREFLAG_FORCE_LEVELII_OPLOCK (MS-SMB2 2.2.10).
const FORCE_LEVEL_TWO: u32 = 0x0000_1000;
/// SMB2_SHARE_CAP_SCALEOUT (MS-SMB2 2.2.10).
const SCALE_OUT: u32 = 0x0000_0020;

type Found = Vec<(&'static str, Capability)>;

/// What another dialect may not have. None of these is a fault of the run: what does not work is absent.
pub(super) async fn of_dialect(pool: &Pool, negotiated: Negotiated) -> Found {
    vec![
        ("second_connection", second_connection(pool).await),
        ("multichannel", multichannel(pool, negotiated).await),
    ]
}

/// What a server has or has not, whatever the dialect.
pub(super) async fn of_server(pool: &Pool, run_folder: &str, negotiated: Negotiated) -> Found {
    let mut found = dialects(pool, negotiated).await;
    found.push(("second_account", second_account(pool, run_folder).await));
    found.push(("second_node", second_node(pool, run_folder).await));
    for (name, share, flag) in [
        ("force_level_two", ShareKind::ForceLevelTwo, "FORCE_LEVELII_OPLOCK"),
        ("scale_out", ShareKind::ScaleOut, "SCALEOUT"),
        ("continuously_available", ShareKind::ContinuouslyAvailable, "CONTINUOUS_AVAILABILITY"),
    ] {
        found.push((name, share_of(pool, name, share, flag).await));
    }
    found.push(("second_share", second_share(pool, run_folder).await));
    found
}

async fn dialects(pool: &Pool, negotiated: Negotiated) -> Found {
    let mut found = Vec::new();
    for dialect in Dialect::ALL {
        let capability = if axes::number(dialect) == negotiated.dialect {
            answer(true, "negotiate response")
        } else {
            let place = Place { dialect: Some(dialect), ..PLAIN };
            let what = format!("a login that offers {} only", dialect.word());
            login(pool, place, &what).await
        };
        found.push((dialect.word(), capability));
    }
    found
}

async fn login(pool: &Pool, place: Place, what: &str) -> Capability {
    match pool.try_open(&[place]).await {
        Ok(_) => answer(true, &format!("{what}: success")),
        Err(TargetFault::Unsupported(reason)) => answer(false, &reason),
        Err(fault) => answer(false, &format!("{what}: {fault}")),
    }
}

/// Two connections with one ClientGuid; they are kept warm for the cells that need them.
async fn second_connection(pool: &Pool) -> Capability {
    let what = "two logins with one client guid";
    match pool.try_open(&[PLAIN, PLAIN]).await {
        Ok(client) => {
            pool.give_back(client, &HashSet::new());
            answer(true, what)
        }
        Err(fault) => answer(false, &format!("{what}: {fault}")),
    }
}

async fn multichannel(pool: &Pool, negotiated: Negotiated) -> Capability {
    if !negotiated.has(NegotiateResponse::MULTI_CHANNEL) {
        return answer(false, "negotiate response without MULTI_CHANNEL");
    }
    let what = "a session setup with the binding flag";
    let bound = async {
        let client = pool.try_open(&[PLAIN, PLAIN]).await?;
        let [first, second] = client.connections.as_slice() else {
            return Err(TargetFault::Internal("a client of two has another number".to_owned()));
        };
        pool.bind(second, first, PLAIN).await
    };
    match bound.await {
        Ok(status) => answer(status == Status::SUCCESS, &format!("{what}: {status}")),
        Err(fault) => answer(false, &format!("{what}: {fault}")),
    }
}

/// It must be able to use what another account made.
async fn second_account(pool: &Pool, run_folder: &str) -> Capability {
    let what = "a file of the run, opened by the second account";
    let place = Place { account: 2, ..PLAIN };
    let file = path_below(run_folder, FILE);
    let access = Access::READ_DATA.union(Access::WRITE_DATA);
    let opened = opened(pool, place, opening(&file, access)).await;
    answer_of(opened, what, "`accounts` has a second entry")
}

/// A node counts where it shows the run's folder, which was made on the first.
async fn second_node(pool: &Pool, run_folder: &str) -> Capability {
    let what = "the run's folder on the second node";
    let place = Place { node: 2, ..PLAIN };
    let opened = opened(pool, place, opening(run_folder, Access::READ_ATTRIBUTES)).await;
    answer_of(opened, what, "`nodes` has a second entry")
}

/// A second share needs no properties of its own, but it must not show what was made on the first.
async fn second_share(pool: &Pool, run_folder: &str) -> Capability {
    let what = "the run's folder on the second share";
    let place = Place { share: ShareKind::Second, ..PLAIN };
    let opened = opened(pool, place, opening(run_folder, Access::READ_ATTRIBUTES)).await;
    match opened {
        Ok(Err(Status::OBJECT_NAME_NOT_FOUND)) => {
            answer(true, "a tree connect to the second share: success")
        }
        Ok(Ok(())) => answer(false, "the second share shows the files of the first"),
        other => answer_of(other, what, "`shares` has an entry `second`"),
    }
}

/// Whether a file can be opened at that place; the open is closed again.
async fn opened(
    pool: &Pool,
    place: Place,
    request: CreateRequest,
) -> Result<Result<(), Status>, TargetFault> {
    let client = pool.try_open(&[place]).await?;
    let connection = client.connections.first();
    let connection = connection
        .ok_or_else(|| TargetFault::Internal("a client without a connection".to_owned()))?;
    let folder = Folder { connection };
    match folder.try_open(request).await? {
        Ok(opened) => folder.let_go(opened.file).await.map(Ok),
        Err(status) => Ok(Err(status)),
    }
}

/// Present where the open succeeded; where the target has no such place, what its profile may say.
fn answer_of(
    opened: Result<Result<(), Status>, TargetFault>,
    what: &str,
    profile: &str,
) -> Capability {
    match opened {
        Ok(Ok(())) => answer(true, &format!("{what}: success")),
        Ok(Err(status)) => answer(false, &format!("{what}: {status}")),
        Err(TargetFault::Unsupported(reason)) => answer(false, &unnamed(&reason, profile)),
        Err(fault) => answer(false, &format!("{what}: {fault}")),
    }
}

/// What the target does not name, its profile can.
fn unnamed(reason: &str, profile: &str) -> String {
    if reason.starts_with(place::UNNAMED) {
        format!("not named; it is where {profile} in a profile")
    } else {
        reason.to_owned()
    }
}

/// A share of that kind, by what the tree connect response says of it.
async fn share_of(pool: &Pool, name: &str, share: ShareKind, flag: &str) -> Capability {
    let guid = match crate::random::bytes() {
        Ok(guid) => guid,
        Err(reason) => return answer(false, &reason),
    };
    match pool.connect(Place { share, ..PLAIN }, guid).await {
        Ok((_, tree)) => {
            let has = match share {
                ShareKind::Plain | ShareKind::Second => true,
                ShareKind::ForceLevelTwo => tree.share_flags & FORCE_LEVEL_TWO != 0,
                ShareKind::ScaleOut => tree.share_capabilities & SCALE_OUT != 0,
                ShareKind::ContinuouslyAvailable => {
                    tree.share_capabilities & CONTINUOUS_AVAILABILITY != 0
                }
            };
            let with = if has { "with" } else { "without" };
            answer(has, &format!("tree connect response {with} {flag}"))
        }
        Err(TargetFault::Unsupported(reason)) => {
            answer(false, &unnamed(&reason, &format!("`shares` has an entry `{name}`")))
        }
        Err(fault) => answer(false, &format!("a connection to that share: {fault}")),
    }
}
