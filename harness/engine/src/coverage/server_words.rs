//! The two long sides of the grid at the SMB2 server.

use super::words::words;

words! {
    /// What an open or a lease of the server holds.
    ServerState {
        None = "none", "An open without oplock or lease.";
        Ii = "ii", "Level II.";
        Exclusive = "exclusive", "Level EXCLUSIVE.";
        Batch = "batch", "Level BATCH.";
        IiToNone = "ii>none", "Level II, which was notified of NONE.";
        ExclusiveToTwo = "exclusive>ii", "Level EXCLUSIVE, which was notified of II.";
        ExclusiveToNone = "exclusive>none", "Level EXCLUSIVE, which was notified of NONE.";
        BatchToTwo = "batch>ii", "Level BATCH, which was notified of II.";
        BatchToNone = "batch>none", "Level BATCH, which was notified of NONE.";
        LeaseNone = "lease none", "A lease without state.";
        LeaseR = "lease R", "A lease with R.";
        LeaseRh = "lease RH", "A lease with RH.";
        LeaseRw = "lease RW", "A lease with RW.";
        LeaseRwh = "lease RWH", "A lease with RWH.";
        LeaseRhToR = "lease RH>R", "A lease that was notified from RH to R.";
        LeaseRhToNone = "lease RH>none", "A lease that was notified from RH to none.";
        LeaseRwToR = "lease RW>R", "A lease that was notified from RW to R.";
        LeaseRwToNone = "lease RW>none", "A lease that was notified from RW to none.";
        LeaseRwhToRh = "lease RWH>RH", "A lease that was notified from RWH to RH.";
        LeaseRwhToRw = "lease RWH>RW", "A lease that was notified from RWH to RW.";
        LeaseRwhToNone = "lease RWH>none", "A lease that was notified from RWH to none.";
    }
}

words! {
    /// What happens to an open or a lease of the server.
    ServerOperation {
        CreateNothing = "create", "A CREATE of the same file without oplock.";
        CreateOplock = "create with oplock", "A CREATE of the same file with an oplock.";
        CreateOtherLease = "create with other lease", "A CREATE of the same file with another lease.";
        CreateSameNone = "create with this lease, none", "A CREATE with this lease that asks for nothing.";
        CreateSameR = "create with this lease, R", "A CREATE with this lease that asks for R.";
        CreateSameRh = "create with this lease, RH", "A CREATE with this lease that asks for RH.";
        CreateSameRw = "create with this lease, RW", "A CREATE with this lease that asks for RW.";
        CreateSameRwh = "create with this lease, RWH", "A CREATE with this lease that asks for RWH.";
        CreateSameIllegal = "create with this lease, illegal", "A CREATE with this lease that asks for H, W or HW.";
        Broken = "broken by the store", "The store breaks it, or breaks it further.";
        AckOplockNone = "ack none", "A 24-byte acknowledgement of NONE.";
        AckOplockTwo = "ack ii", "A 24-byte acknowledgement of II.";
        AckOplockExclusive = "ack exclusive", "A 24-byte acknowledgement of EXCLUSIVE.";
        AckOplockBatch = "ack batch", "A 24-byte acknowledgement of BATCH.";
        AckOplockLease = "ack lease level", "A 24-byte acknowledgement of LEASE.";
        AckLeaseNone = "ack lease none", "A 36-byte acknowledgement of none.";
        AckLeaseR = "ack lease R", "A 36-byte acknowledgement of R.";
        AckLeaseRh = "ack lease RH", "A 36-byte acknowledgement of RH.";
        AckLeaseRw = "ack lease RW", "A 36-byte acknowledgement of RW.";
        AckLeaseRwh = "ack lease RWH", "A 36-byte acknowledgement of RWH.";
        AckLeaseIllegal = "ack lease illegal", "A 36-byte acknowledgement of H, W or HW.";
        Close = "close", "CLOSE of the open, or of one open of the lease.";
        Timer = "timer", "The acknowledgement timer expires.";
        Disconnect = "disconnect", "The connection of the open, or of one open of the lease, is lost.";
        LogOff = "log off", "The session of the open, or of one open of the lease, logs off.";
        TreeDisconnect = "tree disconnect", "The tree of the open, or of one open of the lease, is disconnected.";
        Reconnect = "reconnect", "A durable open is claimed back.";
        DurableTimer = "durable timer", "The time of a disconnected durable open is over.";
    }
}
