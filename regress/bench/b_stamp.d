regress/bench/b_stamp: regress/bench/b_stamp.c
