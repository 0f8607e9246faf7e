# Pretends to be a rank that logs as fast as a pipe takes it: lines of 200 bytes, 320 to a write.
use strict;
use warnings;

my $lines = ('x' x 199 . "\n") x 320;
while (syswrite(STDOUT, $lines)) { }
