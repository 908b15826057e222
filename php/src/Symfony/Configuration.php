<?php

declare(strict_types=1);

namespace Reco\Symfony;

use Symfony\Component\Config\Definition\Builder\TreeBuilder;
use Symfony\Component\Config\Definition\ConfigurationInterface;

/** What may stand under `reco:`. */
final class Configuration implements ConfigurationInterface
{
    /** @return TreeBuilder<'array'> */
    public function getConfigTreeBuilder(): TreeBuilder
    {
        $tree = new TreeBuilder('reco');
        $tree->getRootNode()
            ->children()
                ->scalarNode('model')
                    ->info('The file that `reco train` writes.')
                    ->isRequired()->cannotBeEmpty()
                ->end()
                ->booleanNode('degrade')
                    ->info('While the model cannot answer, pages show `bestsellers`; false: an exception.')
                    ->defaultTrue()
                ->end()
                ->arrayNode('bestsellers')
                    ->info('Product ids, the best first; [] shows nothing.')
                    ->scalarPrototype()->end()
                ->end()
                ->scalarNode('filter')
                    ->info('What holds for everything that is shown: "stock > 0".')
                    ->defaultValue('')
                ->end()
            ->end();

        return $tree;
    }
}
