# Completion of the command undertone in fish. To load it: undertone completion fish | source
function __undertone_complete
	set -l words (commandline -opc) (commandline -ct)
	set -l reply (undertone __complete $words[2..-1] 2>/dev/null)
	switch "$reply[1]"
		case files
			__fish_complete_path (string replace -r '^--[^=]*=' '' -- (commandline -ct))
		case folders
			__fish_complete_directories (string replace -r '^--[^=]*=' '' -- (commandline -ct))
	end
	test (count $reply) -gt 1; and printf '%s\n' $reply[2..-1]
end
complete -c undertone -f -a '(__undertone_complete)'
