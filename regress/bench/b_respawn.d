regress/bench/b_respawn: regress/bench/b_respawn.c
