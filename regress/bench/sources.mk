BENCH_PROGS =	regress/bench/b_lines regress/bench/b_listen \
		regress/bench/b_pair \
		regress/bench/b_ping regress/bench/b_respawn \
		regress/bench/b_spawn regress/bench/b_stamp
