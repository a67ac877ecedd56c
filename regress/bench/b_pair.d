regress/bench/b_pair: regress/bench/b_pair.c
