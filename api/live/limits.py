"""The numbers of the live protocol, in one place: seconds unless said otherwise."""

HELLO_WITHIN = 5.0  # from the opened socket to its hello
BEAT_EVERY = 10.0
SESSIONS_EVERY = 5.0  # a session that ran out, or whose end was not heard, lives no longer (SEC-4)
SILENT_AFTER = 25.0  # a client that answered beats and stopped is gone (P1)
TYPING_LASTS = 6.0
VIEWERS_LAST = 25.0  # what another process told of its viewers, unless it tells again
LEASE_EVERY = 5.0  # renewals of presence; the lease itself is the store's
SWEEP_EVERY = 2.0
VISITOR_LEASE_EVERY = 10.0
VISITOR_DEPARTED_AFTER = 3.0  # from one page of a website to the next takes longer than a reload of ours
DEPARTED_AFTER = 1.0  # offline is told only when no reload brought the user back (P1 allows 2 s)
GAP_PATIENCE = 0.05  # how long a missing number may still arrive by itself
CLOSE_WITHIN = 1.0  # for the closing frame; then the transport is cut
DRAIN_WITHIN = 20.0  # for a client to take what a resumption replays

FRAME_BYTES = 64 * 1024  # the largest client frame
BAD_FRAMES = 3  # the third closes
BUFFERED_FRAMES = 4096
RESUME_SPAN = 500  # numbers behind the head; beyond it a client starts anew
PAGE = 100  # events pulled at once
KEPT_FRAMES = 64  # newest events that a topic keeps in memory
KEPT_BYTES = 128 * 1024
AHEAD_FRAMES = 256  # events that wait in memory for a missing one; the rest is pulled

SUBSCRIPTIONS = 50  # conversations for each connection
PER_USER = 20
PER_VISITOR = 10
PER_ORGANIZATION = 5000
ADMITTED_AT_ONCE = 4  # visitors who are read from the database at once: a crowd that comes back after a break
# waits in line here, not for the pool that everything else needs
PRESENCE_EVERY = 0.1  # how often screens hear who came and went: of many at once they hear together
ORIGIN_LENGTH = 300
WAITING_HELLO = 2000  # opened sockets of a process that have not said hello

USER_RATE = 20.0  # client frames per second, unless the operator set another number
BURST_SECONDS = 4.0  # worth of them at once
VISITOR_RATE, VISITOR_BURST = 5.0, 30.0
