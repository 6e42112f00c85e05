package store

import ()

// block is a run of numbers that were taken at once.
type block struct{ next, limit int64 }

const blockSize = 256

// number takes the next number of a name.
func (b *batch) number(name string) (int64, error) {
	numbers := b.blocks[name]
	if numbers == nil {
		numbers = &block{}
		b.blocks[name] = numbers
	}
	if numbers.next == numbers.limit {
		first, err := b.t.numbers(name, blockSize)
		if err != nil {
			return 0, err
		}
		numbers.next, numbers.limit = first, first+blockSize
	}
	numbers.next++
	return numbers.next - 1, nil
}

// returnNumbers gives back what was taken and not used: nobody else could take
// numbers since.
func (b *batch) returnNumbers() error {
	for name, numbers := range b.blocks {
		if _, err := b.t.exec(`UPDATE number_block SET next = next - $2 WHERE name = $1`, name, numbers.limit-numbers.next); err != nil {
			return err
		}
		numbers.limit = numbers.next
	}
	return nil
}
