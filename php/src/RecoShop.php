<?php

declare(strict_types=1);

namespace Reco;

use Closure;
use Generator;

/**
 * The usual places of a shop, each as one call: home page, product page, cart, search, e-mails.
 *
 *     $shop = new RecoShop('/var/lib/shop/shop.reco', instead: [], logger: $logger, filter: 'not tag("sold out")');
 *     foreach ($shop->home(user: 42, session: $viewed) as $hit) { ... }
 *
 * The model file is opened anew for each call, which takes microseconds: one RecoShop may live as long as a worker does,
 * and new models are picked up. Whoever wants other arguments than these asks Reco itself.
 */
final class RecoShop
{
    /** Users of an e-mail run that are asked for at once. */
    private const BATCH = 256;

    /** What a visitor may have done to a product that it is shown again: "because you viewed". */
    private const INTEREST = ['view', 'cart', 'like', 'interaction'];

    private readonly ?Closure $log;

    /**
     * @param string|Reco $model the model file, or a model, such as a test makes with Reco::memory()
     * @param list<int|string>|(Closure(int): list<int|string>)|null $instead what pages show while the model cannot answer.
     *        null: nothing, the exception is thrown; []: an empty list; ids, or a function that gives as many ids as it
     *        is asked for: the shop's own bestsellers. E-mails always throw
     * @param object|null $logger anything with error() as PSR-3 has it; told of every answer that had to be replaced
     * @param string $filter what holds for every hit, everywhere: 'stock > 0' (docs/filters.md)
     *
     * @throws RecoArgumentException if the logger has no error()
     */
    public function __construct(
        private readonly string|Reco $model,
        private readonly array|Closure|null $instead = null,
        ?object $logger = null,
        private readonly string $filter = '',
    ) {
        if ($logger !== null && !method_exists($logger, 'error')) {
            throw RecoArgumentException::logger($logger);
        }
        $this->log = $logger === null ? null : $logger->error(...);
    }

    /** The model, for whatever has no recipe. @throws RecoException if it cannot be opened */
    public function open(): Reco
    {
        return is_string($this->model) ? Reco::open($this->model) : $this->model;
    }

    /**
     * For the home page: what this visitor may like, bestsellers for a stranger.
     *
     * @param list<int|string|array{0: int|string, 1?: string, 2?: int|float}> $session as for Reco::recommend()
     * @param list<int|string> $except what the page shows already
     * @param array<string, array<int|string, int|float|numeric-string|null>> $live as for Reco::recommend()
     *
     * @return list<RecoHit>
     *
     * @throws RecoException if the model cannot answer and `instead` is null
     */
    public function home(
        int|string|null $user = null,
        array $session = [],
        int $limit = 12,
        array $except = [],
        string $filter = '',
        array $live = [],
    ): array {
        return $this->answer($limit, $except, fn (Reco $reco): RecoAnswer => $reco->recommend(
            user: $user,
            session: $session,
            limit: $limit,
            except: $except,
            filter: $this->both($filter),
            live: $live,
        ));
    }

    /**
     * For a product page: what is bought with the product, what resembles it, and what resembles the product that the
     * visitor looked at before it. No product stands in two of the lists. `together` has what was in baskets with it
     * and nothing else, so it is empty for a model without `bought-together`.
     *
     * @param list<int|string|array{0: int|string, 1?: string, 2?: int|float}> $session as for Reco::recommend()
     * @param array<string, array<int|string, int|float|numeric-string|null>> $live as for Reco::recommend()
     *
     * @return array{together: list<RecoHit>, similar: list<RecoHit>, viewed: int|string|null, because: list<RecoHit>}
     *         `viewed` is the product that `because` is about, null if there is none
     *
     * @throws RecoException if the model cannot answer and `instead` is null
     */
    public function product(
        int|string $item,
        int|string|null $user = null,
        array $session = [],
        int $limit = 6,
        string $filter = '',
        array $live = [],
    ): array {
        $reco = null;
        $together = $this->answer($limit, null, fn (Reco $reco): RecoAnswer => $reco->boughtTogether(
            $item,
            limit: $limit,
            user: $user,
            fallback: false,
            filter: $this->both($filter),
            live: $live,
        ), $reco);
        $together = array_values(array_filter(
            $together,
            static fn (RecoHit $hit): bool => $hit->source === 'bought-together',
        ));
        $shown = [$item, ...self::ids($together)];
        $similar = $this->answer($limit, $shown, fn (Reco $reco): RecoAnswer => $reco->similar(
            $item,
            limit: $limit,
            except: $shown,
            user: $user,
            filter: $this->both($filter),
            live: $live,
        ), $reco);
        $shown = [...$shown, ...self::ids($similar)];

        return ['together' => $together, 'similar' => $similar]
            + $this->because($session, $user, $limit, $shown, $filter, $live, $reco);
    }

    /**
     * What resembles the product that the visitor showed interest in last, and which one that is: "because you viewed".
     *
     * @param list<int|string|array{0: int|string, 1?: string, 2?: int|float}> $session as for Reco::recommend()
     * @param list<int|string> $except what the page shows already; the list is never about one of these
     * @param array<string, array<int|string, int|float|numeric-string|null>> $live as for Reco::recommend()
     *
     * @return array{viewed: int|string|null, because: list<RecoHit>} no hits where nothing was viewed
     *
     * @throws RecoException if the model cannot answer and `instead` is null
     */
    public function becauseYouViewed(
        array $session,
        int|string|null $user = null,
        int $limit = 6,
        array $except = [],
        string $filter = '',
        array $live = [],
    ): array {
        return $this->because($session, $user, $limit, $except, $filter, $live);
    }

    /**
     * For the cart: what goes with all that is in it. For an empty cart, the home page's list.
     *
     * @param list<int|string> $items what is in the cart
     * @param list<int|string|array{0: int|string, 1?: string, 2?: int|float}> $session as for Reco::recommend()
     * @param array<string, array<int|string, int|float|numeric-string|null>> $live as for Reco::recommend()
     *
     * @return list<RecoHit>
     *
     * @throws RecoException if the model cannot answer and `instead` is null
     */
    public function cart(
        array $items,
        int|string|null $user = null,
        array $session = [],
        int $limit = 6,
        string $filter = '',
        array $live = [],
    ): array {
        if ($items === []) {
            return $this->home($user, $session, $limit, [], $filter, $live);
        }

        return $this->answer($limit, $items, fn (Reco $reco): RecoAnswer => $reco->boughtTogether(
            $items,
            limit: $limit,
            except: $items,
            user: $user,
            filter: $this->both($filter),
            live: $live,
        ));
    }

    /**
     * For the page of search results: what matches, what the visitor likes first. Nothing found is an empty list; so is
     * a model that cannot answer, unless `instead` is null: bestsellers are no results.
     *
     * @param string $words whatever the visitor typed
     * @param list<int|string|array{0: int|string, 1?: string, 2?: int|float}> $session as for Reco::recommend()
     * @param bool $typing search as you type: the last word is unfinished
     * @param array<string, array<int|string, int|float|numeric-string|null>> $live as for Reco::recommend()
     *
     * @return list<RecoHit>
     *
     * @throws RecoException if the model cannot answer and `instead` is null
     */
    public function search(
        string $words,
        int|string|null $user = null,
        array $session = [],
        int $limit = 24,
        bool $typing = false,
        string $filter = '',
        array $live = [],
    ): array {
        return $this->answer($limit, null, fn (Reco $reco): RecoAnswer => $reco->search(
            $words,
            user: $user,
            session: $session,
            limit: $limit,
            typing: $typing,
            filter: $this->both($filter),
            live: $live,
        ));
    }

    /**
     * For a newsletter: a list for each of many users, in the order in which they come. Reads them as it goes, so a
     * million rows of a database may be behind it. A model that cannot answer is an exception, whatever `instead` says:
     * better no mail than the wrong one.
     *
     * @param iterable<int|string> $users
     * @param list<int|string>     $except in nobody's list
     * @param bool $fallback fill up with bestsellers; without it the lists of those who are hardly known are short
     * @param array<string, array<int|string, int|float|numeric-string|null>> $live as for Reco::recommend()
     *
     * @return Generator<int|string, list<RecoHit>> by user
     *
     * @throws RecoException if the model cannot answer
     */
    public function emails(
        iterable $users,
        int $limit = 8,
        array $except = [],
        bool $fallback = true,
        string $filter = '',
        array $live = [],
    ): Generator {
        $reco = $this->open();
        $filter = $this->both($filter);
        $ask = static function (array $batch) use ($reco, $limit, $except, $fallback, $filter, $live): Generator {
            $answers = $reco->recommendMany(
                $batch,
                limit: $limit,
                except: $except,
                fallback: $fallback,
                filter: $filter,
                live: $live,
            );
            foreach ($answers as $place => $answer) {
                yield $batch[$place] => iterator_to_array($answer, false);
            }
        };
        $batch = [];
        foreach ($users as $user) {
            $batch[] = $user;
            if (count($batch) === self::BATCH) {
                yield from $ask($batch);
                $batch = [];
            }
        }
        yield from $ask($batch);
    }

    /**
     * becauseYouViewed(), asked of a model that the caller has open.
     *
     * @param list<int|string|array{0: int|string, 1?: string, 2?: int|float}> $session
     * @param list<int|string> $except
     * @param array<string, array<int|string, int|float|numeric-string|null>> $live
     *
     * @return array{viewed: int|string|null, because: list<RecoHit>}
     */
    private function because(
        array $session,
        int|string|null $user,
        int $limit,
        array $except,
        string $filter,
        array $live,
        ?Reco $reco = null,
    ): array {
        $viewed = self::lastViewed($session, $except);
        if ($viewed === null) {
            return ['viewed' => null, 'because' => []];
        }
        // Without `fallback` nobody is shown bestsellers "because" of anything; nor are they where the model is missing.
        $because = $this->answer($limit, null, fn (Reco $reco): RecoAnswer => $reco->similar(
            $viewed,
            limit: $limit,
            except: $except,
            user: $user,
            hideBought: true,
            fallback: false,
            filter: $this->both($filter),
            live: $live,
        ), $reco);

        return ['viewed' => $because === [] ? null : $viewed, 'because' => $because];
    }

    /**
     * What the model answers, or what stands in for it.
     *
     * @param list<int|string>|null     $except not among what stands in; null: nothing stands in for this list
     * @param Closure(Reco): RecoAnswer $ask
     * @param Reco|null                 $reco   the model, for more than one list: opened for the first that can open it
     *
     * @return list<RecoHit>
     */
    private function answer(int $limit, ?array $except, Closure $ask, ?Reco &$reco = null): array
    {
        try {
            $reco ??= $this->open();

            return iterator_to_array($ask($reco), false);
        } catch (RecoException $problem) {
            if ($this->instead === null) {
                throw $problem;
            }
            if ($this->log !== null) {
                ($this->log)('no recommendations: ' . $problem->getMessage(), ['exception' => $problem]);
            }
        }
        if ($except === null || $limit < 1) {
            return [];
        }
        $ids = is_array($this->instead) ? $this->instead : ($this->instead)($limit + count($except));
        $ids = array_udiff($ids, $except, static fn (int|string $one, int|string $other): int => (string) $one <=> (string) $other);

        return array_map(
            static fn (int|string $id): RecoHit => new RecoHit($id, 0.0, 'none', 'none'),
            array_slice(array_values($ids), 0, $limit),
        );
    }

    private function both(string $filter): string
    {
        return $this->filter === '' || $filter === '' ? $this->filter . $filter : "($this->filter) and ($filter)";
    }

    /**
     * @param list<RecoHit> $hits
     *
     * @return list<int|string>
     */
    private static function ids(array $hits): array
    {
        return array_map(static fn (RecoHit $hit): int|string => $hit->id, $hits);
    }

    /**
     * @param array<mixed>     $session what makes no sense is passed over
     * @param list<int|string> $except
     */
    private static function lastViewed(array $session, array $except): int|string|null
    {
        $except = array_map('strval', $except);
        foreach (array_reverse($session) as $entry) {
            [$item, $kind] = is_array($entry) ? [$entry[0] ?? null, $entry[1] ?? 'view'] : [$entry, 'view'];
            if ((is_int($item) || is_string($item)) && in_array($kind, self::INTEREST, true)
                && !in_array((string) $item, $except, true)) {
                return $item;
            }
        }

        return null;
    }
}
