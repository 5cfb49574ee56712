package cmd

import (
	"bytes"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"bbconnect/model"
)

// newCompletion writes completion scripts.
func newCompletion() *cobra.Command {
	return &cobra.Command{
		Use: "completion bash|zsh|fish|powershell", Short: "Write a completion script for a shell",
		Long: `Write a completion script for a shell. It completes commands, flags, the ids of
saved connectors, question ids with their values, slots and scenarios.`,
		Example: `  source <(bbconnect completion bash)
  bbconnect completion zsh > "${fpath[1]}/_bbconnect"
  bbconnect completion fish > ~/.config/fish/completions/bbconnect.fish
  bbconnect completion powershell > bbconnect.ps1`,
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{"bash", "zsh", "fish", "powershell"},
		RunE: func(c *cobra.Command, args []string) error {
			root, out := c.Root(), c.OutOrStdout()
			switch args[0] {
			case "bash":
				return bashCompletion(root, out)
			case "zsh":
				return root.GenZshCompletion(out)
			case "fish":
				return root.GenFishCompletion(out, true)
			}
			return root.GenPowerShellCompletionWithDesc(out)
		},
	}
}

// bashCompletion writes the library's script, made to work where the package
// bash-completion is not loaded: a fresh server and macOS have none.
func bashCompletion(root *cobra.Command, out io.Writer) error {
	var script bytes.Buffer
	if err := root.GenBashCompletionV2(&script, true); err != nil {
		return err
	}
	const theirs = `_get_comp_words_by_ref "$@" cur prev words cword`
	text := strings.Replace(script.String(), theirs, "__bbconnect_words", 1)
	_, err := io.WriteString(out, text+bashWords)
	return err
}

// bashWords joins what bash splits at "=" and ":", so that the program sees
// details.url=https://bitbucket.org as the one word it is.
const bashWords = `
# The words of the line, where bash-completion is not loaded: bash splits them at
# "=" and ":", and they belong together where no blank is between them.
__bbconnect_words()
{
    words=()
    cword=0
    local i word rest line="${COMP_LINE}" n=-1 apart=1
    for ((i = 0; i < ${#COMP_WORDS[@]}; i++)); do
        word="${COMP_WORDS[i]}"
        rest="${line#"${line%%[![:space:]]*}"}"
        if ((n >= 0 && ! apart)) && [[ "${rest}" == "${line}" ]]; then
            words[n]+="${word}"
        elif ((n >= 0)) && [[ "${rest}" == "${line}" && "${word}" == [=:]* ]]; then
            words[n]+="${word}"
        else
            n=$((n + 1))
            words[n]="${word}"
        fi
        apart=1
        [[ "${word}" == *[=:] ]] && apart=0
        line="${rest#"${word}"}"
        ((i <= COMP_CWORD)) && cword=${n}
    done
    cur="${words[cword]}"
    prev=""
    ((cword > 0)) && prev="${words[cword - 1]}"
    return 0
}
`

type completer = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective)

// complete binds completers to flags by name.
func complete(c *cobra.Command, flags map[string]completer) {
	for name, f := range flags {
		_ = c.RegisterFlagCompletionFunc(name, f) // fails only for a flag that does not exist; a test looks
	}
}

// choices completes closed values.
func choices(values ...string) completer {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return values, cobra.ShellCompDirectiveNoFileComp
	}
}

func keystoreNames() []string {
	return []string{string(model.WhereKeyring), string(model.WhereVault), string(model.WhereCommand), string(model.WhereAsk)}
}

// closedValues are the values of a closed question; nil for an open one.
func closedValues(id model.QuestionID) []string {
	switch id {
	case model.QScope:
		return []string{string(model.ScopeAccount), string(model.ScopeOrg), string(model.ScopeProject)}
	case model.QURLType:
		return []string{string(model.URLAccount), string(model.URLRepo)}
	case model.QConnectionType:
		return []string{string(model.HTTP), string(model.SSH)}
	case model.QKind:
		return []string{string(model.KindAPIToken), string(model.KindAccessToken), string(model.KindHTTPAccessToken), string(model.KindSSHKey), string(model.KindPassword)}
	case model.QAPIMethod:
		return []string{string(model.APIEmailAndToken), string(model.APIAccessToken), string(model.APIUsernameToken), string(model.APIOff)}
	case model.QMode:
		return []string{string(model.ModePlatform), string(model.ModeDelegate)}
	case model.QDelegates:
		return []string{string(model.DelegatesAny), string(model.DelegatesTags)}
	case model.QSecureConnect:
		return []string{"yes", "no"}
	}
	return nil
}

// completeSet completes question ids, and behind the "=" their closed values, the
// references of named secrets, and the remotes of the checkout.
func (a *app) completeSet(c *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	const noFile = cobra.ShellCompDirectiveNoFileComp
	var out []string
	if id, _, ok := strings.Cut(typed, "="); ok {
		for _, v := range a.knownValues(c, model.QuestionID(id)) {
			out = append(out, id+"="+v)
		}
		return out, noFile
	}
	for _, id := range model.QuestionIDs() {
		if q, _ := model.KnownQuestion(id); !q.IsSecret() {
			out = append(out, string(id)+"=")
		}
	}
	return out, noFile | cobra.ShellCompDirectiveNoSpace
}

// knownValues are what a question may well be answered with.
func (a *app) knownValues(c *cobra.Command, id model.QuestionID) []string {
	switch id {
	case model.QSecret, model.QAPISecret, model.QUsernameSecret, model.QAPIEmailSecret, model.QAPIUsernameSecret:
		return a.secretRefs(c)
	case model.QURL:
		var out []string
		for _, remote := range a.remotes(c.Context()) {
			if !model.ReadURL(remote, model.URLContext{}).IsZero() {
				out = append(out, remote)
			}
		}
		return out
	}
	return closedValues(id)
}

// sources are the forms of a SOURCE.
func sources() []string {
	return []string{"env:", "file:", "cmd:", "keyring:", "prompt", "-"}
}

func behind(head string) []string {
	var out []string
	for _, s := range sources() {
		out = append(out, head+s)
	}
	return out
}

// completeSlot completes SLOT=SOURCE.
func completeSlot(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	const more = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	if slot, _, ok := strings.Cut(typed, "="); ok {
		return behind(slot + "="), more
	}
	var out []string
	for _, id := range model.QuestionIDs() {
		if q, _ := model.KnownQuestion(id); q.IsSecret() {
			out = append(out, string(id)+"=")
		}
	}
	return out, more
}

// completeConnectors completes the ids of saved connectors.
func (a *app) completeConnectors(c *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	if a.connect() != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	saved, err := a.jobs.Glances(c.Context(), nil) // ready rows: nothing is read anew that did not change
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	out := make([]string, 0, len(saved.All))
	for _, s := range saved.All {
		out = append(out, s.Key+"\t"+clean(s.Name))
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

// completeOneConnector completes the first argument alone.
func (a *app) completeOneConnector(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return a.completeConnectors(c, args, typed)
}

// secretRefs are the references of all named secrets.
func (a *app) secretRefs(c *cobra.Command) []string {
	if a.connect() != nil {
		return nil
	}
	secrets, err := a.jobs.Library.Secrets(c.Context())
	if err != nil {
		return nil
	}
	var out []string
	for _, s := range secrets {
		out = append(out, string(s.Name.Ref()))
	}
	return out
}

func (a *app) completeRef(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return a.secretRefs(c), cobra.ShellCompDirectiveNoFileComp
}

// completeValue completes REF=SOURCE.
func (a *app) completeValue(c *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	const more = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	if ref, _, ok := strings.Cut(typed, "="); ok {
		return behind(ref + "="), more
	}
	var out []string
	for _, ref := range a.secretRefs(c) {
		out = append(out, ref+"=")
	}
	return out, more
}
