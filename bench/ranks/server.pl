# Pretends to be a model server in the least that a process can be: it answers 200 to whatever it is asked. It
# notes when it could first be asked and when it was told to leave, in milliseconds on the monotonic clock,
# which all processes of a machine share.
# usage: server.pl PORT NOTES-FILE LOADING LEAVING
#   LOADING  seconds that the last rank of its group waits before it listens
#   LEAVING  seconds from SIGTERM to the end
use strict;
use warnings;
use POSIX ();
use Socket;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC sleep);

my ($port, $notes, $loading, $leaving) = @ARGV;
open(my $file, '>', $notes) or die "$notes: $!";
sub note { syswrite($file, sprintf("%s %.6f\n", $_[0], 1000 * $_[1])) }

$SIG{TERM} = sub {
    my $now = clock_gettime(CLOCK_MONOTONIC);
    note('told', $now);
    sleep($leaving) if $leaving > 0;
    POSIX::_exit(0);
};

sleep($loading) if $loading > 0 && $ENV{DP_RANK} == $ENV{DP_SIZE} - 1;
socket(my $server, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
setsockopt($server, SOL_SOCKET, SO_REUSEADDR, 1);
bind($server, sockaddr_in($port, INADDR_LOOPBACK)) or die "port $port: $!";
listen($server, 16) or die "listen: $!";
note('listening', clock_gettime(CLOCK_MONOTONIC));

while (1) {
    accept(my $client, $server) or next;
    sysread($client, my $request, 65536);
    syswrite($client, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    close($client);
}
