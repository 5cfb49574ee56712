package model

// kinds are the kinds of all questions by id, for flags and files that answer a
// question before it is known whether it will be asked.
func kinds() map[QuestionID]QuestionKind {
	return map[QuestionID]QuestionKind{
		QName: AskLine, QID: AskLine, QDescription: AskLine, QTags: AskTags,
		QScope: AskChoice, QOrg: AskLine, QProject: AskLine,
		QURL: AskLine, QURLType: AskChoice, QConnectionType: AskChoice, QTestRepository: AskLine,
		QPassword: AskSecretLine, QKind: AskChoice, QUsername: AskLine, QUsernameSecret: AskReference,
		QSSHKey: AskSecretText, QSSHPassphrase: AskSecretLine, QSecret: AskReference, QExpires: AskDate,
		QAPIMethod: AskChoice, QAPIEmail: AskLine, QAPIEmailSecret: AskReference,
		QAPIUsername: AskLine, QAPIUsernameSecret: AskReference, QAPIToken: AskSecretLine,
		QAPISecret: AskReference, QAPIExpires: AskDate,
		QMode: AskChoice, QDelegates: AskChoice, QDelegateTags: AskLine,
		QDelegateVersion: AskLine, QSecureConnect: AskConfirm,
	}
}

// QuestionIDs are the ids of all questions, in the order they are asked.
func QuestionIDs() []QuestionID {
	return []QuestionID{
		QName, QID, QDescription, QTags, QScope, QOrg, QProject,
		QURL, QURLType, QConnectionType, QTestRepository,
		QPassword, QKind, QUsername, QUsernameSecret, QSSHKey, QSSHPassphrase, QSecret, QExpires,
		QAPIMethod, QAPIEmail, QAPIEmailSecret, QAPIUsername, QAPIUsernameSecret, QAPIToken, QAPISecret, QAPIExpires,
		QMode, QDelegates, QDelegateTags, QDelegateVersion, QSecureConnect,
	}
}

// KnownQuestion says what kind of question an id names, whether or not a draft
// would be asked it; only ID, Step and Kind are set.
func KnownQuestion(id QuestionID) (Question, bool) {
	kind, ok := kinds()[id]
	return Question{ID: id, Step: StepOf(id), Kind: kind}, ok
}
