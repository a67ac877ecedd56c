regress/bench/b_spawn: regress/bench/b_spawn.c
