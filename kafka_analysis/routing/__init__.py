"""A reference client that follows a routing table: it produces and consumes where the table says.

What happens to records when the table changes, and what does not:

- **Nothing that was acknowledged is lost.** A producer sends its first record to another cluster only after everything
  it sent to the one before is acknowledged there. A record whose delivery report is an error was not acknowledged: the
  caller is told, as without routing, and decides.
- **The order of records of one key holds**, if the topic is paused before it changes clusters, and released when the
  replica holds the source's last record. Without a pause the replica may be behind: records of both sides mix.
- **Nothing is written twice by a switch.** Within a cluster the idempotent producer sees to that. A caller that sends a
  record again after an error may write it twice, as without routing.
- **A group loses nothing.** It reads nothing twice if it has drained the source and its offsets in the cell are those
  of the replica's end. As far as a translated offset lies behind the true one, records are read again (MirrorMaker 2
  translates sparsely); a partition without a translated offset is read from its beginning. So a consumer bears
  repeated records, as ever: what one call returned counts as processed at the next call, and is read again if the
  process dies before.
- **What was written in a cell stays there.** A topic that goes back to the source takes its new records along only if
  they are replicated back: before that, ``rollback`` loses sight of them.
- **Transactions** do not span a switch: the table is looked at between them.

Credentials are never in the table: ``security`` is asked for them, cluster by cluster, when a client is made.
"""
