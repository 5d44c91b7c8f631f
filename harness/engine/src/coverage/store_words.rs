//! The two long sides of the grid at the object store.

use super::words::words;

words! {
    /// What is held on a stream: the stable and the breaking states of MS-FSA 2.1.1.10 "Per Oplock", with Filter, the
    /// promise to close, and the reservation. Where several hold R and RH, the state is theirs together.
    StoreState {
        None = "none", "Nobody holds anything.";
        Ii = "ii", "Level II.";
        Exclusive = "exclusive", "Level 1.";
        Batch = "batch", "Batch.";
        Filter = "filter", "Filter.";
        R = "R", "Granular read caching.";
        Rh = "RH", "Granular read and handle caching.";
        Rw = "RW", "Granular read and write caching.";
        Rwh = "RWH", "Granular read, write and handle caching.";
        IiAndR = "ii+R", "Level II beside R.";
        RAndRh = "R+RH", "R beside RH.";
        ExclusiveToTwo = "exclusive>ii", "Level 1, which was told to break to Level II.";
        ExclusiveToNone = "exclusive>none", "Level 1, which was told to break to none.";
        ExclusiveDeepened = "exclusive>ii>none", "Level 1, which was told Level II and is needed at none.";
        BatchToTwo = "batch>ii", "Batch, which was told to break to Level II.";
        BatchToNone = "batch>none", "Batch, which was told to break to none.";
        BatchDeepened = "batch>ii>none", "Batch, which was told Level II and is needed at none.";
        BatchClosePending = "batch>close", "Batch, whose holder promised to close.";
        FilterToNone = "filter>none", "Filter, which was told to break to none.";
        FilterClosePending = "filter>close", "Filter, whose holder promised to close.";
        RwToR = "RW>R", "RW, which was told to break to R.";
        RwToNone = "RW>none", "RW, which was told to break to none.";
        RwDeepened = "RW>R>none", "RW, which was told R and is needed at none.";
        RwhToRh = "RWH>RH", "RWH, which was told to break to RH.";
        RwhToRw = "RWH>RW", "RWH, which was told to break to RW.";
        RwhToNone = "RWH>none", "RWH, which was told to break to none.";
        RwhDeepenedToR = "RWH>..>R", "RWH, which was told RH or RW and is needed at R.";
        RwhDeepenedToNone = "RWH>..>none", "RWH, which was told RH or RW and is needed at none.";
        RhToR = "RH>R", "Nothing but RH holders on their way to R.";
        RhToNone = "RH>none", "Nothing but RH holders on their way to none.";
        RhToBoth = "RH>R,RH>none", "RH holders on their way to R and others on their way to none.";
        RhBesideBreaking = "RH+RH>", "RH beside RH holders that break.";
        RBesideBreaking = "R+RH>", "R, and RH or none, beside RH holders that break.";
        GranularClosePending = "RW,RWH>close", "RW or RWH, whose holder promised to close.";
        RhClosePending = "RH>close", "Nothing but RH holders that promised to close.";
        Reserved = "reserved", "Reserved by an open that requires an oplock, whatever R and RH others hold.";
        FilterReserved = "filter reserved", "Reserved for a Filter oplock by FILE_RESERVE_OPFILTER.";
    }
}

words! {
    /// What is done to a stream, or to something beside it that concerns it.
    StoreOperation {
        OpenAttributes = "open for attributes", "An open that asks for attribute access only.";
        OpenReadControl = "open for read control", "An open that asks for READ_CONTROL besides.";
        OpenReading = "open for reading", "An open that reads, and shares reading.";
        OpenMore = "open for more", "An open that asks for more, or shares less, and keeps the data.";
        OpenOverwriting = "overwriting open", "An open that replaces the data.";
        OpenViolating = "open violating sharing", "An open that violates sharing, found by the check of it.";
        OverwriteViolating = "overwrite violating sharing", "An overwriting open that violates sharing.";
        OpenCompleting = "complete_if_oplocked", "An open with FILE_COMPLETE_IF_OPLOCKED.";
        OpenRequiring = "requiring_oplock", "An open with FILE_OPEN_REQUIRING_OPLOCK.";
        OpenReserving = "reserve_opfilter", "An open with FILE_RESERVE_OPFILTER.";
        OpenColliding = "create", "FILE_CREATE of what exists.";
        OtherStreamOverwritten = "overwrite of another stream", "An overwriting open of another stream of the file.";
        Read = "read", "READ.";
        Write = "write", "WRITE.";
        Flush = "flush", "FLUSH.";
        Lock = "lock", "A byte-range lock within the allocation.";
        Unlock = "unlock", "A byte range is unlocked.";
        EndOfFile = "end_of_file", "FileEndOfFileInformation.";
        Allocation = "allocation", "FileAllocationInformation.";
        ValidDataLength = "valid_data_length", "FileValidDataLengthInformation.";
        Basic = "basic", "FileBasicInformation.";
        Rename = "rename", "FileRenameInformation of the stream or its file.";
        RenameOnto = "replaced by rename", "Another file is renamed onto this one.";
        RenameAbove = "rename above", "A directory above the file is renamed.";
        Link = "link", "FileLinkInformation of the file.";
        LinkOnto = "superseded by link", "A link to another file takes this one's place.";
        ShortName = "short_name", "FileShortNameInformation.";
        Delete = "delete", "FileDispositionInformation that deletes.";
        Undelete = "undelete", "FileDispositionInformation that takes the deletion back.";
        Security = "security", "The security descriptor is set.";
        OtherInformation = "other information", "Extended attributes, position or mode are set.";
        ZeroData = "zero_data", "FSCTL_SET_ZERO_DATA.";
        OtherControl = "other control", "A control that changes no data through the cache.";
        WritableSection = "writable section", "A user section for writing is created.";
        ReadOnlySection = "read-only section", "A user section for reading is created.";
        Query = "query", "Information is asked.";
        Close = "close", "CLEANUP.";
        DeleteOnClose = "delete on close", "CLEANUP of a handle with FILE_DELETE_ON_CLOSE.";
        ChildChanged = "child changed", "Something in this directory is made, removed, renamed or changed.";
        DestinationOpened = "rename into", "Something is renamed or linked into this directory, which is opened for it.";
        RequestIi = "request ii", "FSCTL_REQUEST_OPLOCK_LEVEL_2.";
        RequestExclusive = "request exclusive", "FSCTL_REQUEST_OPLOCK_LEVEL_1.";
        RequestBatch = "request batch", "FSCTL_REQUEST_BATCH_OPLOCK.";
        RequestFilter = "request filter", "FSCTL_REQUEST_FILTER_OPLOCK.";
        RequestR = "request R", "FSCTL_REQUEST_OPLOCK for R.";
        RequestRh = "request RH", "FSCTL_REQUEST_OPLOCK for RH.";
        RequestRw = "request RW", "FSCTL_REQUEST_OPLOCK for RW.";
        RequestRwh = "request RWH", "FSCTL_REQUEST_OPLOCK for RWH.";
        RequestNothing = "request none", "FSCTL_REQUEST_OPLOCK for level 0.";
        RequestIllegal = "request illegal", "A request for no level, or with contradicting flags or short buffers.";
        AckTwo = "acknowledge", "FSCTL_OPLOCK_BREAK_ACKNOWLEDGE.";
        AckNoTwo = "ack no_2", "FSCTL_OPLOCK_BREAK_ACK_NO_2.";
        AckClosePending = "ack close_pending", "FSCTL_OPBATCH_ACK_CLOSE_PENDING.";
        AckNone = "ack none", "FSCTL_REQUEST_OPLOCK as acknowledgement, for level 0.";
        AckR = "ack R", "FSCTL_REQUEST_OPLOCK as acknowledgement, for R.";
        AckRh = "ack RH", "FSCTL_REQUEST_OPLOCK as acknowledgement, for RH.";
        AckRw = "ack RW", "FSCTL_REQUEST_OPLOCK as acknowledgement, for RW.";
        AckRwh = "ack RWH", "FSCTL_REQUEST_OPLOCK as acknowledgement, for RWH.";
        AckIllegal = "ack illegal", "FSCTL_REQUEST_OPLOCK as acknowledgement, for no level.";
        AckOnClose = "ack on close", "An acknowledgement with REQUEST_OPLOCK_INPUT_FLAG_COMPLETE_ACK_ON_CLOSE.";
        CancelWaiting = "cancel waiting", "A call that waits for a break is cancelled.";
        CancelRequest = "cancel request", "A granted request is cancelled.";
        BreakNotify = "break_notify", "FSCTL_OPLOCK_BREAK_NOTIFY.";
    }
}
