<?php

declare(strict_types=1);

namespace Reco;

use DateTimeInterface;

/**
 * A recommender: one model file, answering inside the request.
 *
 *     $shop = Reco::open('/var/lib/shop/shop.reco');
 *     $shop->recommend(user: 42, session: [1021, [1033, 'cart', 20]], limit: 12);
 *     $shop->similar(1033);
 *     $shop->boughtTogether([1021, 1033]);
 *     $shop->search('green tea', user: 42);
 *     $shop->rank([1021, 1033, 1040], user: 42);
 *
 * Open at every request: that takes microseconds, and a model file that was replaced is picked up by it. User and item
 * ids are integers or strings; 42 and '42' are the same id. An unknown user or item is no error: the answer does
 * without it.
 */
final class Reco
{
    /** @internal public for RecoTrainer */
    public function __construct(private readonly RecoModel $model)
    {
    }

    /**
     * Opens a model file, or shares it if this process has it open.
     *
     * @throws RecoFileException    if the file is missing, unreadable, damaged or from a newer version
     * @throws RecoLibraryException if this PHP cannot use libreco.so
     */
    public static function open(string $path): self
    {
        return new self(RecoModel::open($path));
    }

    /**
     * A small model in memory, without a file: for the tests of the shop that uses it. The same events give the same model.
     *
     *     $reco = Reco::memory([[1, 'tea', 'purchase'], [1, 'cup', 'purchase'], [2, 'tea']], ['tea' => ['title' => 'Green tea']]);
     *
     * It knows `item-knn`, `bought-together` (all that a user bought is one basket, unless events have times) and
     * bestsellers; with items that have attributes, also search.
     *
     * @param list<array{0: int|string, 1: int|string, 2?: string, 3?: int}> $events [user, item, kind, seconds since
     *        1970]; the kind is 'view' if it is left out; all have times or none has
     * @param array<int|string, array<string, int|float|string|null>> $items the catalogue: id => attribute => value
     * @param array<string, string|int|float> $options other options, as RecoTrainer takes them
     *
     * @throws RecoException if an event makes no sense, there is none, or this PHP cannot use libreco.so
     */
    public static function memory(array $events, array $items = [], array $options = []): self
    {
        return RecoMemory::train($events, $items, $options);
    }

    /**
     * Names the library to load, before anything else of Reco is used. Needed only where it is in none of the places
     * that docs/php.md lists.
     *
     * @throws RecoLibraryException if a library is loaded already
     */
    public static function useLibrary(string $path): void
    {
        RecoLibrary::choose($path);
    }

    /**
     * The library's version: '0.1.0'.
     *
     * @throws RecoLibraryException if this PHP cannot use libreco.so
     */
    public static function version(): string
    {
        return RecoLibrary::ffi()->reco_version();
    }

    /**
     * A text as a filter or a boost wants it: `'category = ' . Reco::quote($_GET['category'])`. Whatever the text is, it
     * stays a text.
     */
    public static function quote(string $text): string
    {
        return '"' . str_replace('"', '""', $text) . '"';
    }

    /** What the model holds. */
    public function info(): RecoInfo
    {
        return $this->model->info;
    }

    /**
     * What to show to this visitor. Without user and session: bestsellers.
     *
     * @param list<int|string|array{0: int|string, 1?: string, 2?: int|float}> $session what the visitor did just now,
     *        oldest first: an item id (a view), or [item id, kind], or [item id, kind, seconds ago], where the kind is
     *        'view', 'cart', 'purchase', 'like', 'dislike' or 'interaction'
     * @param list<int|string>|RecoAnswer|null $only       propose nothing else; null: everything may be
     * @param list<int|string>|RecoAnswer      $except     do not propose these, as what is on the page already
     * @param bool                             $hideBought hide what the user has bought
     * @param bool                             $hideSeen   hide everything that the user had any event with
     * @param bool                             $fallback   fill up from categories and bestsellers, so that no slot
     *                                                     stays empty
     * @param string $filter a condition that every hit meets: 'price < 50 and not tag("sale")' (docs/filters.md)
     * @param string $boost  what the score becomes: 'score * if(tag("new"), 1.2, 1)'
     * @param array<string, array<int|string, int|float|numeric-string|null>> $live numbers that hold for this call
     *        instead of the model's: ['stock' => [1021 => 0, 1033 => 7]]
     * @param float              $diversity 0: the best first; up to 1: the more, the less alike are the hits
     * @param array<string, int> $caps      how many hits may have the same value of an attribute: ['brand' => 2]
     * @param int|DateTimeInterface|null $time when it is asked, by the clock of the events (Unix time), for a ranker
     *        that has learned from hours and days of the week: time(); null: not said
     * @param string $device what the visitor uses, as the events name it: 'mobile'; '': not said
     *
     * @throws RecoArgumentException if an id, a kind, an age or the limit makes no sense
     * @throws RecoEngineException   if memory could not be had
     */
    public function recommend(
        int|string|null $user = null,
        array $session = [],
        int $limit = 10,
        array|RecoAnswer|null $only = null,
        array|RecoAnswer $except = [],
        bool $hideBought = true,
        bool $hideSeen = false,
        bool $fallback = true,
        string $filter = '',
        string $boost = '',
        array $live = [],
        float $diversity = 0.0,
        array $caps = [],
        int|DateTimeInterface|null $time = null,
        string $device = '',
    ): RecoAnswer {
        $question = new RecoQuestion(
            self::limit($limit),
            ($hideBought ? 0 : RecoQuestion::SHOW_BOUGHT) | ($hideSeen ? RecoQuestion::HIDE_SEEN : 0)
                | ($fallback ? 0 : RecoQuestion::NO_FALLBACK),
        );
        $question->about($user);
        $question->during($session);
        $question->restrict($only, $except);
        $question->express($filter, $boost, $live, $diversity, $caps);
        $question->at($time, $device);

        return $this->answer($question);
    }

    /**
     * The same for many users in one call: newsletters and nightly jobs.
     *
     * @param array<int|string>                $users
     * @param list<int|string>|RecoAnswer|null $only   as for recommend()
     * @param list<int|string>|RecoAnswer      $except as for recommend()
     * @param string $filter as for recommend()
     * @param string $boost  as for recommend()
     * @param array<string, array<int|string, int|float|numeric-string|null>> $live as for recommend()
     * @param array<string, int> $caps as for recommend()
     *
     * @return array<RecoAnswer> under the keys of `$users`
     *
     * @throws RecoArgumentException if an id or the limit makes no sense
     * @throws RecoEngineException   if memory could not be had
     */
    public function recommendMany(
        array $users,
        int $limit = 10,
        array|RecoAnswer|null $only = null,
        array|RecoAnswer $except = [],
        bool $hideBought = true,
        bool $hideSeen = false,
        bool $fallback = true,
        string $filter = '',
        string $boost = '',
        array $live = [],
        float $diversity = 0.0,
        array $caps = [],
        int|DateTimeInterface|null $time = null,
        string $device = '',
    ): array {
        $every = new RecoQuestion(
            self::limit($limit),
            ($hideBought ? 0 : RecoQuestion::SHOW_BOUGHT) | ($hideSeen ? RecoQuestion::HIDE_SEEN : 0)
                | ($fallback ? 0 : RecoQuestion::NO_FALLBACK),
        );
        $every->restrict($only, $except);
        $every->express($filter, $boost, $live, $diversity, $caps);
        $every->at($time, $device);
        $answers = [];
        // In pieces of at most 100,000 hits, so that memory does not grow with the number of users.
        $hits = min($limit, max(1, $this->model->info->itemCount));
        foreach (array_chunk($users, max(1, min(256, intdiv(100_000, $hits))), true) as $piece) {
            $questions = [];
            foreach ($piece as $key => $user) {
                $question = clone $every;
                $question->texts['user'] = RecoPacking::id($user, 'user');
                $questions[$key] = $question;
            }
            $answers += $every->isEmpty ? array_map(fn (): RecoAnswer => $this->nothing(), $piece) : $this->model->ask($questions);
        }

        return $answers;
    }

    /**
     * What resembles an item, or all items of a basket together.
     *
     * @param int|string|list<int|string>      $item
     * @param list<int|string>|RecoAnswer|null $only       as for recommend()
     * @param list<int|string>|RecoAnswer      $except     as for recommend()
     * @param int|string|null                  $user       for hideBought and hideSeen
     * @param bool                             $hideBought hide what the user has bought
     * @param bool                             $hideSeen   hide everything that the user had any event with
     * @param bool                             $fallback   fill up from the category and bestsellers
     * @param string $filter as for recommend()
     * @param string $boost  as for recommend()
     * @param array<string, array<int|string, int|float|numeric-string|null>> $live as for recommend()
     * @param array<string, int> $caps as for recommend()
     *
     * @throws RecoArgumentException if an id or the limit makes no sense, or no item is named
     * @throws RecoEngineException   if memory could not be had
     */
    public function similar(
        int|string|array $item,
        int $limit = 10,
        array|RecoAnswer|null $only = null,
        array|RecoAnswer $except = [],
        int|string|null $user = null,
        bool $hideBought = false,
        bool $hideSeen = false,
        bool $fallback = true,
        string $filter = '',
        string $boost = '',
        array $live = [],
        float $diversity = 0.0,
        array $caps = [],
    ): RecoAnswer {
        $question = $this->near(0, 'similar', $item, $limit, $only, $except, $user, $hideBought, $hideSeen, $fallback);
        $question->express($filter, $boost, $live, $diversity, $caps);

        return $this->answer($question);
    }

    /**
     * What is bought together with an item, or with all items of a basket: accessories, refills, the rest of the recipe.
     * Such hits have the source 'bought-together'; where the model has none or too few, similar items follow.
     *
     * @param int|string|list<int|string>      $item
     * @param list<int|string>|RecoAnswer|null $only       as for recommend()
     * @param list<int|string>|RecoAnswer      $except     as for recommend()
     * @param int|string|null                  $user       for hideBought and hideSeen
     * @param bool                             $hideBought hide what the user has bought
     * @param bool                             $hideSeen   hide everything that the user had any event with
     * @param bool                             $fallback   fill up from the category and bestsellers
     * @param string $filter as for recommend()
     * @param string $boost  as for recommend()
     * @param array<string, array<int|string, int|float|numeric-string|null>> $live as for recommend()
     * @param array<string, int> $caps as for recommend()
     *
     * @throws RecoArgumentException if an id or the limit makes no sense, or no item is named
     * @throws RecoEngineException   if memory could not be had
     */
    public function boughtTogether(
        int|string|array $item,
        int $limit = 10,
        array|RecoAnswer|null $only = null,
        array|RecoAnswer $except = [],
        int|string|null $user = null,
        bool $hideBought = false,
        bool $hideSeen = false,
        bool $fallback = true,
        string $filter = '',
        string $boost = '',
        array $live = [],
        float $diversity = 0.0,
        array $caps = [],
    ): RecoAnswer {
        $flag = RecoQuestion::BOUGHT_TOGETHER;

        $question = $this->near(
            $flag, 'boughtTogether', $item, $limit, $only, $except, $user, $hideBought, $hideSeen, $fallback,
        );
        $question->express($filter, $boost, $live, $diversity, $caps);

        return $this->answer($question);
    }

    /**
     * What matches words, the best first: by the words, misspelt ones too (models bm25 and tfidf), by what they mean
     * (model bert), or by both. With a user or a session, what they like moves up.
     *
     *     $shop->search($_GET['q'] ?? '', limit: 24);
     *
     * The words may be whatever a visitor typed: bytes that are not UTF-8 do no harm, and nothing but blanks finds
     * nothing.
     *
     * @param list<int|string|array{0: int|string, 1?: string, 2?: int|float}> $session as for recommend()
     * @param bool                             $typing     the last word is unfinished: search as you type
     * @param list<int|string>|RecoAnswer|null $only       as for recommend()
     * @param list<int|string>|RecoAnswer      $except     as for recommend()
     * @param bool                             $hideBought hide what the user has bought
     * @param bool                             $fillUp     after what matches, recommendations, up to the limit
     * @param string $filter as for recommend()
     * @param string $boost  as for recommend()
     * @param array<string, array<int|string, int|float|numeric-string|null>> $live as for recommend()
     * @param array<string, int> $caps as for recommend()
     * @param int|DateTimeInterface|null $time as for recommend()
     * @param string $device as for recommend()
     *
     * @throws RecoArgumentException if an id, a kind, an age or the limit makes no sense
     * @throws RecoEngineException   if the model finds nothing by words, or memory could not be had
     */
    public function search(
        string $words,
        int|string|null $user = null,
        array $session = [],
        int $limit = 10,
        bool $typing = false,
        array|RecoAnswer|null $only = null,
        array|RecoAnswer $except = [],
        bool $hideBought = false,
        bool $fillUp = false,
        string $filter = '',
        string $boost = '',
        array $live = [],
        float $diversity = 0.0,
        array $caps = [],
        int|DateTimeInterface|null $time = null,
        string $device = '',
    ): RecoAnswer {
        $question = new RecoQuestion(
            self::limit($limit),
            ($typing ? RecoQuestion::TEXT_PREFIX : 0) | ($fillUp ? RecoQuestion::FILL_UP : 0)
                | ($hideBought ? RecoQuestion::HIDE_BOUGHT : 0),
        );
        $question->words($words);
        $question->about($user);
        $question->during($session);
        $question->restrict($only, $except);
        $question->express($filter, $boost, $live, $diversity, $caps);
        $question->at($time, $device);
        if ($words === '' && !$fillUp) {
            return $this->nothing();
        }

        return $this->answer($question);
    }

    /**
     * What resembles a product that the model need not know, by its text: title, brand, a line of description.
     *
     * @param list<int|string>|RecoAnswer|null $only     as for recommend()
     * @param list<int|string>|RecoAnswer      $except   as for recommend()
     * @param bool                             $fallback fill up with bestsellers
     * @param string $filter as for recommend()
     * @param string $boost  as for recommend()
     * @param array<string, array<int|string, int|float|numeric-string|null>> $live as for recommend()
     * @param array<string, int> $caps as for recommend()
     *
     * @throws RecoArgumentException if an id or the limit makes no sense
     * @throws RecoEngineException   if the model finds nothing by words, or memory could not be had
     */
    public function similarToText(
        string $text,
        int $limit = 10,
        array|RecoAnswer|null $only = null,
        array|RecoAnswer $except = [],
        bool $fallback = true,
        string $filter = '',
        string $boost = '',
        array $live = [],
        float $diversity = 0.0,
        array $caps = [],
    ): RecoAnswer {
        $question = new RecoQuestion(
            self::limit($limit),
            RecoQuestion::TEXT_IS_ITEM | ($fallback ? 0 : RecoQuestion::NO_FALLBACK),
        );
        $question->words($text);
        $question->restrict($only, $except);
        $question->express($filter, $boost, $live, $diversity, $caps);

        return $this->answer($question);
    }

    /**
     * Given items in this visitor's order of preference: a search result, a category page. All of them come back, up to
     * the limit; those that the model does not know come last, with source 'none'.
     *
     * @param list<int|string>|RecoAnswer $items
     * @param list<int|string|array{0: int|string, 1?: string, 2?: int|float}> $session as for recommend()
     * @param int|null $limit null: all
     * @param string   $words what was searched for: what matches comes first, as in search()
     * @param string $filter as for recommend()
     * @param string $boost  as for recommend()
     * @param array<string, array<int|string, int|float|numeric-string|null>> $live as for recommend()
     *
     * @throws RecoArgumentException if an id, a kind, an age or the limit makes no sense
     * @throws RecoEngineException   if words are given and the model finds nothing by them, or memory could not be had
     */
    public function rank(
        array|RecoAnswer $items,
        int|string|null $user = null,
        array $session = [],
        ?int $limit = null,
        string $words = '',
        string $filter = '',
        string $boost = '',
        array $live = [],
    ): RecoAnswer {
        $question = new RecoQuestion($limit === null ? 0 : self::limit($limit), 0);
        $question->rank($items instanceof RecoAnswer ? $items->ids() : $items);
        $question->words($words);
        $question->about($user);
        $question->during($session);
        $question->express($filter, $boost, $live);

        return $this->answer($question);
    }

    /**
     * What the model stores about items under a name ('title', 'price'), as text, in the order given; '' for items that
     * have no value or are unknown. For the hits of an answer, `$hit->attribute('title')` is shorter.
     *
     * @param list<int|string>|RecoAnswer $items
     *
     * @return list<string>
     *
     * @throws RecoArgumentException if the model has no such attribute, or an id makes no sense
     */
    public function attribute(string $name, array|RecoAnswer $items): array
    {
        return $this->model->attributeOfIds($name, $items instanceof RecoAnswer ? $items->ids() : $items);
    }

    /**
     * Reads the whole file and compares its checksums: for a job that has just received a model, not for a page.
     *
     * @throws RecoFileException if the file was altered
     */
    public function verify(): void
    {
        $this->model->verify();
    }

    private function __clone(): void
    {
    }

    /**
     * A question about items: `$flags` says which, `$asked` is the method's name, for what it refuses.
     *
     * @param int|string|list<int|string>      $item
     * @param list<int|string>|RecoAnswer|null $only
     * @param list<int|string>|RecoAnswer      $except
     */
    private function near(
        int $flags,
        string $asked,
        int|string|array $item,
        int $limit,
        array|RecoAnswer|null $only,
        array|RecoAnswer $except,
        int|string|null $user,
        bool $hideBought,
        bool $hideSeen,
        bool $fallback,
    ): RecoQuestion {
        $question = new RecoQuestion(
            self::limit($limit),
            $flags | ($hideBought ? RecoQuestion::HIDE_BOUGHT : 0) | ($hideSeen ? RecoQuestion::HIDE_SEEN : 0)
                | ($fallback ? 0 : RecoQuestion::NO_FALLBACK),
        );
        $question->similarTo(is_array($item) ? $item : [$item], $asked);
        $question->about($user);
        $question->restrict($only, $except);

        return $question;
    }

    private static function limit(int $limit): int
    {
        return $limit >= 1 ? $limit : throw RecoArgumentException::limit($limit);
    }

    private function answer(RecoQuestion $question): RecoAnswer
    {
        return $question->isEmpty ? $this->nothing() : $this->model->ask([$question])[0];
    }

    private function nothing(): RecoAnswer
    {
        return new RecoAnswer($this->model, '', []);
    }
}
