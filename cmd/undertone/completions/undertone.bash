# Completion of the command undertone in bash. To load it: source <(undertone completion bash)
_undertone() {
	local line=${COMP_LINE:0:COMP_POINT} IFS=$' \t\n'
	local -a words reply
	read -ra words <<<"$line"
	[[ $line == *[[:space:]] ]] && words+=("")
	local current=${words[-1]}
	mapfile -t reply < <(undertone __complete "${words[@]:1}" 2>/dev/null)
	local what=${reply[0]} kept=${current%"${current##*[:=]}"} # readline replaces what follows : or =
	COMPREPLY=("${reply[@]:1}")
	COMPREPLY=("${COMPREPLY[@]%%$'\t'*}")
	COMPREPLY=("${COMPREPLY[@]#"$kept"}")
	IFS=$'\n'
	case $what in
	files) compopt -o filenames 2>/dev/null; COMPREPLY+=($(compgen -f -- "${current##*=}")) ;;
	folders) compopt -o filenames 2>/dev/null; COMPREPLY+=($(compgen -d -- "${current##*=}")) ;;
	esac
}
complete -F _undertone undertone
