#compdef undertone
# Completion of the command undertone in zsh. To load it: source <(undertone completion zsh)
_undertone() {
	local -a reply items
	local line what
	reply=("${(@f)$(undertone __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
	what=$reply[1]
	for line in "${(@)reply[2,-1]}"; do
		[[ -n $line ]] && items+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
	done
	(( $#items )) && _describe -o undertone items
	case $what in
	files) [[ $PREFIX == --*=* ]] && compset -P '*='; _files ;;
	folders) [[ $PREFIX == --*=* ]] && compset -P '*='; _files -/ ;;
	esac
}
compdef _undertone undertone
