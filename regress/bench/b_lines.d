regress/bench/b_lines: regress/bench/b_lines.c
