# Types each argument into a shell of its own, as a person would, with Tab; prints what stands on the line then.
# SHOWN: a file for it.
zmodload zsh/zpty
zpty -b shell zsh -f -i
: > $SHOWN
shown() { while (( $(wc -l < $SHOWN) < $1 )); do sleep 0.02; while zpty -r -t shell line; do :; done; done }

zpty -w shell 'autoload -Uz compinit; compinit -u -D'
zpty -w shell 'eval "$(tract completion zsh)"'
zpty -w shell 'line() { print -r -- "$BUFFER" >> $SHOWN; BUFFER= }; zle -N line; bindkey "^X" line; print ready >> $SHOWN'
shown 1
count=1
for typed in "$@"; do
  zpty -w -n shell "$typed"$'\t\x18'
  shown $((++count))
done
zpty -d shell
tail -n +2 $SHOWN
