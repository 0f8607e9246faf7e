# What a rank starts: sleeper.sh BORN [painted]. It leaves in the file BORN the line that the kernel has on it, and sleeps;
# painted, under a title that it has written over its whole environment.
read -r line </proc/$$/stat
echo "$line" >>"$1"
[ "$2" = painted ] && exec perl -e '$0 = "p" x 9999; sleep 60'
exec sleep 60
