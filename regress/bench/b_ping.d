regress/bench/b_ping: regress/bench/b_ping.c common/imsg.h common/msg.h
common/imsg.h:
common/msg.h:
