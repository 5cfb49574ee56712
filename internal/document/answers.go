package document

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"bbconnect/model"
)

// ReadAnswers reads an answers file: question ids and their answers, either
// flat ("details.url: …") or in sections ("details:" above "url: …"). ok is
// false, without an error, for a text that holds a connector document instead.
// An answer is text, a number, true or false, or a list, which is joined with
// commas. Whether the ids exist is the caller's to check.
func ReadAnswers(data []byte) (answers map[model.QuestionID]string, ok bool, err error) {
	text, err := plainText(data)
	if err != nil {
		return nil, false, err
	}
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil || len(root.Content) != 1 || root.Content[0].Kind != yaml.MappingNode {
		return nil, false, nil // Read says what is wrong with it
	}
	top := root.Content[0]
	for i := 0; i+1 < len(top.Content); i += 2 {
		if top.Content[i].Value == "connector" {
			return nil, false, nil
		}
	}
	answers = map[model.QuestionID]string{}
	return answers, true, collectAnswers(answers, "", top)
}

func collectAnswers(answers map[model.QuestionID]string, prefix string, node *yaml.Node) error {
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		id := model.QuestionID(prefix + key.Value)
		switch {
		case value.Kind == yaml.ScalarNode:
			if value.Tag != "!!null" {
				answers[id] = value.Value
			}
		case value.Kind == yaml.MappingNode && prefix == "" && model.StepOf(id) == model.Step(id):
			if err := collectAnswers(answers, key.Value+".", value); err != nil {
				return err
			}
		case value.Kind == yaml.SequenceNode:
			joined, err := joinAnswers(id, value)
			if err != nil {
				return err
			}
			answers[id] = joined
		default:
			return wrongAnswer(id, value)
		}
	}
	return nil
}

func joinAnswers(id model.QuestionID, list *yaml.Node) (string, error) {
	joined := ""
	for i, item := range list.Content {
		if item.Kind != yaml.ScalarNode {
			return "", wrongAnswer(id, item)
		}
		if i > 0 {
			joined += ","
		}
		joined += item.Value
	}
	return joined, nil
}

func wrongAnswer(id model.QuestionID, at *yaml.Node) error {
	return &model.Problem{
		Code: "document.value", What: fmt.Sprintf("Line %d: the answer to %s is not a plain value.", at.Line, id),
		Why: "An answer is text, a number, true or false, or a list of those.", Fix: "Write it on one line.", Field: id,
	}
}
